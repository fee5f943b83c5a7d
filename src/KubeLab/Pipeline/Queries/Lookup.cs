using KubeLab.Engine.Resources;

namespace KubeLab.Pipeline.Queries;

/// <summary>Where objects are looked for by name.</summary>
/// <param name="Kind">Their kind, for messages.</param>
/// <param name="Cluster">The cluster, or null: the current context.</param>
/// <param name="Scope">Where, but for the names.</param>
/// <param name="List">Lists them.</param>
internal sealed record Lookup<T>(string Kind, string? Cluster, KubeScope Scope, Func<KubeScope, CancellationToken, IAsyncEnumerable<T>> List)
{
    /// <summary>What progress and errors are about.</summary>
    public object Target { get; init; } = Cluster ?? "kubernetes";

    /// <summary>Whether their names have no capitals, so that the server finds what was typed in any case.</summary>
    public bool IsLowerCase { get; init; }

    /// <summary>Whether a name is that of one object alone.</summary>
    public bool IsUnique { get; init; }

    /// <summary>The error of a name that is not there.</summary>
    public required Func<string, KlException> Missing { get; init; }

    /// <summary>What is alike for names that can be asked for together.</summary>
    public object Place => (Kind, Cluster, Scope);
}
