using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The project's limits and usage in Cinder. -1 means unlimited (Block Storage API v3, "Show absolute limits for project").</summary>
public sealed record VolumeLimits
{
    /// <summary>Maximum number of volumes.</summary>
    [JsonPropertyName("maxTotalVolumes")]
    public int MaxVolumes { get; init; } = -1;

    /// <summary>Existing volumes.</summary>
    [JsonPropertyName("totalVolumesUsed")]
    public int VolumesUsed { get; init; }

    /// <summary>Maximum size of all volumes in GiB.</summary>
    [JsonPropertyName("maxTotalVolumeGigabytes")]
    public int MaxGigabytes { get; init; } = -1;

    /// <summary>Used size in GiB.</summary>
    [JsonPropertyName("totalGigabytesUsed")]
    public int GigabytesUsed { get; init; }
}
