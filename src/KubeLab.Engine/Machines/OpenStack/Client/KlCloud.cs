namespace KubeLab;

/// <summary>A configured cloud, and whether it accepts the login.</summary>
public sealed record KlCloud
{
    /// <summary>The name, for -Cloud.</summary>
    public required string Name { get; init; }

    /// <summary>The URL of Keystone.</summary>
    public string? AuthUrl { get; init; }

    /// <summary>The region in use.</summary>
    public string? Region { get; init; }

    /// <summary>The project.</summary>
    public string? Project { get; init; }

    /// <summary>The user, or the application credential.</summary>
    public string? User { get; init; }

    /// <summary>Whether the cloud accepted the login.</summary>
    public bool Answers { get; init; }

    /// <summary>The error of the login, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The configuration file, or "the environment".</summary>
    public string? Source { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
