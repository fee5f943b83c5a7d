using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A port: where something is plugged into a network.</summary>
public sealed record Port : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "ports", "port", "ports");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name; not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, BUILD, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>What was noted at it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its network.</summary>
    public string NetworkId { get; init; } = "";

    /// <summary>The server or router it belongs to; empty: none.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>compute:ZONE, network:router_interface, ...</summary>
    public string DeviceOwner { get; init; } = "";

    /// <summary>Its hardware address.</summary>
    public string MacAddress { get; init; } = "";

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<FixedIp> FixedIps { get; init; } = [];

    /// <summary>What it may send from besides its own addresses.</summary>
    public IReadOnlyList<AddressPair> AllowedAddressPairs { get; init; } = [];

    /// <summary>The ids of its security groups.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];

    /// <summary>Whether it is filtered.</summary>
    public bool? PortSecurityEnabled { get; init; }

    /// <summary>How it was bound; binding_failed: no host could.</summary>
    [JsonPropertyName("binding:vif_type")]
    public string? VifType { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>An address of a port.</summary>
/// <param name="SubnetId">Where it is from.</param>
/// <param name="IpAddress">The address.</param>
public sealed record FixedIp(string SubnetId, string IpAddress);

/// <summary>What a port may send from besides its own addresses.</summary>
/// <param name="IpAddress">An address or subnet.</param>
/// <param name="MacAddress">With this hardware address; the port's own where it is not given.</param>
public sealed record AddressPair(string IpAddress, string? MacAddress = null);
