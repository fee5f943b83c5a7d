namespace KubeLab;

/// <summary>A layer of the cloud stack, from what users see down to what runs everything.</summary>
public enum KlStackLayer
{
    /// <summary>The workloads of users.</summary>
    Application,

    /// <summary>Kubernetes, its components, the container runtime and the registry.</summary>
    Containers,

    /// <summary>Machines, operating systems and volumes.</summary>
    VirtualResources,

    /// <summary>What provides the machines.</summary>
    CloudPlatform,
}

/// <summary>A part of the cloud stack of a cluster.</summary>
public sealed record KlStackItem
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The layer.</summary>
    public required KlStackLayer Layer { get; init; }

    /// <summary>Its name.</summary>
    public required string Component { get; init; }

    /// <summary>Its version: the tag or digest of its images, the version of a program, the image of a machine; null if unknown.</summary>
    public string? Version { get; init; }

    /// <summary>How many of it are running.</summary>
    public required int Count { get; init; }

    /// <summary>What deployed it, for example kubeadm; null if unknown. For objects of a cluster, the first field manager.</summary>
    public string? DeployedBy { get; init; }

    /// <summary>The component and version.</summary>
    public override string ToString() => $"{Component} {Version}".TrimEnd();
}
