using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>What the project may have of Cinder and what it has; -1 is no limit (Block Storage API v3, "Show absolute limits for project").</summary>
public sealed record VolumeLimits
{
    /// <summary>Volumes allowed.</summary>
    [JsonPropertyName("maxTotalVolumes")]
    public int MaxVolumes { get; init; } = -1;

    /// <summary>Volumes there are.</summary>
    [JsonPropertyName("totalVolumesUsed")]
    public int VolumesUsed { get; init; }

    /// <summary>GiB allowed.</summary>
    [JsonPropertyName("maxTotalVolumeGigabytes")]
    public int MaxGigabytes { get; init; } = -1;

    /// <summary>GiB in use.</summary>
    [JsonPropertyName("totalGigabytesUsed")]
    public int GigabytesUsed { get; init; }
}
