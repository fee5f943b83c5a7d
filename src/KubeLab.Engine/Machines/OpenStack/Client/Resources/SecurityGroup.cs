namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A security group.</summary>
public sealed record SecurityGroup : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "security-groups", "security_group", "security_groups");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The rules.</summary>
    public IReadOnlyList<SecurityGroupRule> SecurityGroupRules { get; init; } = [];

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A rule of a security group. Null matches everything.</summary>
public sealed record SecurityGroupRule : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("network", "security-group-rules", "security_group_rule", "security_group_rules");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>ingress or egress.</summary>
    public string Direction { get; init; } = "";

    /// <summary>IPv4 or IPv6.</summary>
    public string? Ethertype { get; init; }

    /// <summary>tcp, udp, icmp, a number, ...</summary>
    public string? Protocol { get; init; }

    /// <summary>The first port, or the ICMP type.</summary>
    public int? PortRangeMin { get; init; }

    /// <summary>The last port, or the ICMP code.</summary>
    public int? PortRangeMax { get; init; }

    /// <summary>The ID of the remote security group.</summary>
    public string? RemoteGroupId { get; init; }
}
