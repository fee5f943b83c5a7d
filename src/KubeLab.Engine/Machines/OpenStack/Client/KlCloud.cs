namespace KubeLab;

/// <summary>A cloud that is configured, and whether it answers.</summary>
public sealed record KlCloud
{
    /// <summary>Its name, for -Cloud.</summary>
    public required string Name { get; init; }

    /// <summary>Keystone's address.</summary>
    public Uri? AuthUrl { get; init; }

    /// <summary>The region in use.</summary>
    public string? Region { get; init; }

    /// <summary>The project.</summary>
    public string? Project { get; init; }

    /// <summary>The user, or the application credential.</summary>
    public string? User { get; init; }

    /// <summary>Whether it let us in.</summary>
    public bool Answers { get; init; }

    /// <summary>Why not.</summary>
    public string? Error { get; init; }

    /// <summary>Where it is configured.</summary>
    public string? Source { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
