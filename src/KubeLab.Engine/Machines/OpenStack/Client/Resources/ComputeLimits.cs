using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The project's limits and usage in Nova. -1 means unlimited.</summary>
public sealed record ComputeLimits
{
    /// <summary>Maximum number of servers.</summary>
    [JsonPropertyName("maxTotalInstances")]
    public int MaxInstances { get; init; }

    /// <summary>Existing servers.</summary>
    [JsonPropertyName("totalInstancesUsed")]
    public int InstancesUsed { get; init; }

    /// <summary>Maximum number of cores.</summary>
    [JsonPropertyName("maxTotalCores")]
    public int MaxCores { get; init; }

    /// <summary>Cores in use.</summary>
    [JsonPropertyName("totalCoresUsed")]
    public int CoresUsed { get; init; }

    /// <summary>Maximum memory in MiB.</summary>
    [JsonPropertyName("maxTotalRAMSize")]
    public int MaxRam { get; init; }

    /// <summary>Used memory in MiB.</summary>
    [JsonPropertyName("totalRAMUsed")]
    public int RamUsed { get; init; }

    /// <summary>Maximum number of server groups.</summary>
    [JsonPropertyName("maxServerGroups")]
    public int MaxServerGroups { get; init; } = -1;

    /// <summary>Existing server groups.</summary>
    [JsonPropertyName("totalServerGroupsUsed")]
    public int ServerGroupsUsed { get; init; }
}

/// <summary>The project's quota and usage of one Neutron resource.</summary>
/// <param name="Limit">The maximum number. -1 means unlimited.</param>
/// <param name="Used">The number in use.</param>
/// <param name="Reserved">The number being created.</param>
public sealed record NetworkQuota(int Limit, int Used, int Reserved);
