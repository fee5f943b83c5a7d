namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A port: the connection of a device to a network.</summary>
public sealed record Port : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "ports", "port", "ports");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, BUILD, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The network's ID.</summary>
    public string NetworkId { get; init; } = "";

    /// <summary>The ID of the server or router. Empty: none.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>compute:ZONE, network:router_interface, ...</summary>
    public string DeviceOwner { get; init; } = "";

    /// <summary>The MAC address.</summary>
    public string MacAddress { get; init; } = "";

    /// <summary>The IP addresses.</summary>
    public IReadOnlyList<FixedIp> FixedIps { get; init; } = [];

    /// <summary>The IDs of the security groups.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];

    /// <summary>Whether security groups apply to the port.</summary>
    public bool? PortSecurityEnabled { get; init; }

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>An IP address of a port.</summary>
/// <param name="SubnetId">The subnet's ID.</param>
/// <param name="IpAddress">The address.</param>
public sealed record FixedIp(string SubnetId, string IpAddress);
