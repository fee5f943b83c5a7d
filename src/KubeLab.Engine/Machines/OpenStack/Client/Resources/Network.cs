using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A network.</summary>
public sealed record Network : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "networks", "network", "networks");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, DOWN, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The owner's project ID.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The IDs of the subnets.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];

    /// <summary>The maximum transmission unit in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether it is an external network: it provides floating IPs, and routers connect to it.</summary>
    [JsonPropertyName("router:external")]
    public bool IsExternal { get; init; }

    /// <summary>Whether other projects may use it.</summary>
    public bool Shared { get; init; }

    /// <summary>Whether security groups apply to its ports.</summary>
    public bool? PortSecurityEnabled { get; init; }

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The creation time.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A subnet.</summary>
public sealed record Subnet : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "subnets", "subnet", "subnets");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>The network's ID.</summary>
    public string NetworkId { get; init; } = "";

    /// <summary>For example 10.0.0.0/24.</summary>
    public string Cidr { get; init; } = "";

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
