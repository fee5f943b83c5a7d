namespace KubeLab;

/// <summary>An image of machines on which Kubernetes is installed.</summary>
public sealed record KlMachineImage
{
    /// <summary>The name at the provider.</summary>
    public required string Name { get; init; }

    /// <summary>The provider of the machines.</summary>
    public required string Provider { get; init; }

    /// <summary>The image that it is based on, for example debian:12.</summary>
    public required string Image { get; init; }

    /// <summary>The installed version of Kubernetes.</summary>
    public required string Version { get; init; }

    /// <summary>The size in bytes, including the base image that it shares with other images.</summary>
    public long Size { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When machines were last created from it, or when it was created.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
