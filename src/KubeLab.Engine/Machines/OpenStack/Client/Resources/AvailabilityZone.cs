using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>An availability zone of Nova.</summary>
public sealed record AvailabilityZone : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "os-availability-zone", "", "availabilityZoneInfo");

    /// <inheritdoc/>
    public string Id => ZoneName;

    /// <summary>The name.</summary>
    [JsonPropertyName("zoneName")]
    public string ZoneName { get; init; } = "";

    /// <summary>Whether servers can be created in it.</summary>
    [JsonPropertyName("zoneState")]
    public ZoneState ZoneState { get; init; } = new(false);
}

/// <summary>The state of an availability zone.</summary>
/// <param name="Available">Whether servers can be created in it.</param>
public sealed record ZoneState(bool Available);
