using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>What the project may have of Nova and what it has; -1 is no limit.</summary>
public sealed record ComputeLimits
{
    /// <summary>Servers allowed.</summary>
    [JsonPropertyName("maxTotalInstances")]
    public int MaxInstances { get; init; }

    /// <summary>Servers there are.</summary>
    [JsonPropertyName("totalInstancesUsed")]
    public int InstancesUsed { get; init; }

    /// <summary>Cores allowed.</summary>
    [JsonPropertyName("maxTotalCores")]
    public int MaxCores { get; init; }

    /// <summary>Cores in use.</summary>
    [JsonPropertyName("totalCoresUsed")]
    public int CoresUsed { get; init; }

    /// <summary>MiB allowed.</summary>
    [JsonPropertyName("maxTotalRAMSize")]
    public int MaxRam { get; init; }

    /// <summary>MiB in use.</summary>
    [JsonPropertyName("totalRAMUsed")]
    public int RamUsed { get; init; }

    /// <summary>Key pairs allowed.</summary>
    [JsonPropertyName("maxTotalKeypairs")]
    public int MaxKeyPairs { get; init; }

    /// <summary>Server groups allowed.</summary>
    [JsonPropertyName("maxServerGroups")]
    public int MaxServerGroups { get; init; } = -1;

    /// <summary>Server groups there are.</summary>
    [JsonPropertyName("totalServerGroupsUsed")]
    public int ServerGroupsUsed { get; init; }
}

/// <summary>What a project may have of one thing of Neutron and what it has.</summary>
/// <param name="Limit">How many; -1 is no limit.</param>
/// <param name="Used">How many there are.</param>
/// <param name="Reserved">How many are being made.</param>
public sealed record NetworkQuota(int Limit, int Used, int Reserved);
