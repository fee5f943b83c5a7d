using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A network.</summary>
public sealed record Network : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "networks", "network", "networks");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name; not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>What was noted at it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whose it is.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The ids of its subnets.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];

    /// <summary>Its largest packet in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether floating IPs come from it and routers lead to it.</summary>
    [JsonPropertyName("router:external")]
    public bool IsExternal { get; init; }

    /// <summary>Whether other projects may use it.</summary>
    public bool Shared { get; init; }

    /// <summary>Whether ports are filtered by security groups.</summary>
    public bool? PortSecurityEnabled { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>The addresses of a network.</summary>
public sealed record Subnet : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "subnets", "subnet", "subnets");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name; not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its network.</summary>
    public string NetworkId { get; init; } = "";

    /// <summary>As in 10.0.0.0/24.</summary>
    public string Cidr { get; init; } = "";

    /// <summary>4 or 6.</summary>
    public int IpVersion { get; init; }

    /// <summary>Its router's address.</summary>
    public string? GatewayIp { get; init; }

    /// <summary>Its name servers.</summary>
    public IReadOnlyList<string> DnsNameservers { get; init; } = [];

    /// <summary>Whether addresses are given by DHCP.</summary>
    public bool EnableDhcp { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
