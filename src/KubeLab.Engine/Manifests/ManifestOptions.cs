namespace KubeLab.Engine.Manifests;

/// <summary>How manifests are applied, compared or deleted.</summary>
public sealed record ManifestOptions
{
    /// <summary>The cluster, or null: the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace of objects without one, or null: the context's namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>Takes over fields that other managers own.</summary>
    public bool Force { get; init; }

    /// <summary>The maximum number of objects processed at the same time.</summary>
    public int Limit { get; init; } = 16;

    /// <summary>How long to wait until custom kinds are served, or until deleted objects are removed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
