namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Timeouts and pauses of requests.</summary>
public sealed record CloudTuning
{
    /// <summary>The timeout of one request with its response.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The timeout of a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause before the first retry if the service does not specify one. It doubles with each retry.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(400);
}
