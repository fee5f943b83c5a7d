using KubeLab.Engine.Resources;

namespace KubeLab.Pipeline.Queries;

/// <summary>A query for objects by name.</summary>
/// <param name="Kind">The kind, for messages.</param>
/// <param name="Cluster">The cluster, or null for the current context.</param>
/// <param name="Scope">The scope, without names.</param>
/// <param name="List">Lists the objects.</param>
internal sealed record Lookup<T>(string Kind, string? Cluster, KubeScope Scope, Func<KubeScope, CancellationToken, IAsyncEnumerable<T>> List)
{
    /// <summary>The target of progress and errors.</summary>
    public object Target { get; init; } = Cluster ?? "kubernetes";

    /// <summary>Whether names are lowercase, so that typed names can be converted to lowercase for the server.</summary>
    public bool IsLowerCase { get; init; }

    /// <summary>Whether a name identifies a single object.</summary>
    public bool IsUnique { get; init; }

    /// <summary>The error for a name that is not found.</summary>
    public required Func<string, KlException> Missing { get; init; }

    /// <summary>Key of queries that can be combined into one request.</summary>
    public object Key => (Kind, Cluster, Scope);
}
