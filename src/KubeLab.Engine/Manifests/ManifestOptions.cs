namespace KubeLab.Engine.Manifests;

/// <summary>How manifests are applied, compared or removed.</summary>
public sealed record ManifestOptions
{
    /// <summary>The cluster, or null: the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace of what names none, or null: the context's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Takes over fields that others own.</summary>
    public bool Force { get; init; }

    /// <summary>How many objects at a time.</summary>
    public int Limit { get; init; } = 16;

    /// <summary>How long to wait for custom kinds to be served, and for what is removed to be gone.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
