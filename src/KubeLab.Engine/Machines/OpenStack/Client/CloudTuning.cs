namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>How patient requests are.</summary>
public sealed record CloudTuning
{
    /// <summary>For one request with its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the second attempt, where the service does not say; each later pause is twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(400);
}
