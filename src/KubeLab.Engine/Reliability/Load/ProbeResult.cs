namespace KubeLab.Engine.Reliability.Load;

/// <summary>The result of one request.</summary>
/// <param name="Reason">Why it failed, or null if it succeeded.</param>
/// <param name="Status">The HTTP status, or null.</param>
public readonly record struct ProbeResult(string? Reason, int? Status = null);

/// <summary>Where requests are sent to.</summary>
/// <param name="Name">The URL or name.</param>
/// <param name="Probe">Sends one request. Can throw: <see cref="FailureReason.Of"/> names the reason.</param>
public sealed record LoadEndpoint(string Name, Func<CancellationToken, Task<ProbeResult>> Probe);

/// <summary>What is measured.</summary>
/// <param name="Name">The name of the service, URL or probe.</param>
/// <param name="Endpoints">The endpoints, which get the requests in turn.</param>
public sealed record LoadTarget(string Name, IReadOnlyList<LoadEndpoint> Endpoints)
{
    /// <summary>The cluster, or null.</summary>
    public string? Cluster { get; init; }

    /// <summary>What ran, for the result.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
