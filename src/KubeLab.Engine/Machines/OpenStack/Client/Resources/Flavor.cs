namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A flavor: the size of a server.</summary>
public sealed record Flavor : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "flavors", "flavor", "flavors") { Details = "/detail" };

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Cores.</summary>
    public int Vcpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public int Ram { get; init; }

    /// <summary>Disk in GiB. 0: the size of the image, or a volume.</summary>
    public int Disk { get; init; }
}
