namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A router.</summary>
public sealed record Router : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "routers", "router", "routers");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name; not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>What was noted at it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where it leads to.</summary>
    public ExternalGateway? ExternalGatewayInfo { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>Where a router leads to.</summary>
/// <param name="NetworkId">The external network.</param>
public sealed record ExternalGateway(string NetworkId);

/// <summary>A public address that leads to a port.</summary>
public sealed record FloatingIp : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "floatingips", "floatingip", "floatingips");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>ACTIVE, DOWN: leads nowhere, ERROR.</summary>
    public string Status { get; init; } = "";

    /// <summary>The public address.</summary>
    public string FloatingIpAddress { get; init; } = "";

    /// <summary>The external network it is from.</summary>
    public string FloatingNetworkId { get; init; } = "";

    /// <summary>The address it leads to.</summary>
    public string? FixedIpAddress { get; init; }

    /// <summary>The port it leads to.</summary>
    public string? PortId { get; init; }

    /// <summary>The router it leads through.</summary>
    public string? RouterId { get; init; }

    /// <summary>What was noted at it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
