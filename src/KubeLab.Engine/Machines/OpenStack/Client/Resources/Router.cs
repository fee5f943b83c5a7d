namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A router.</summary>
public sealed record Router : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "routers", "router", "routers");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A floating IP: a public address that is associated with a port.</summary>
public sealed record FloatingIp : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "floatingips", "floatingip", "floatingips");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>ACTIVE, DOWN (not associated) or ERROR.</summary>
    public string Status { get; init; } = "";

    /// <summary>The public address.</summary>
    public string FloatingIpAddress { get; init; } = "";

    /// <summary>The external network's ID.</summary>
    public string FloatingNetworkId { get; init; } = "";

    /// <summary>The associated port's ID.</summary>
    public string? PortId { get; init; }

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
