using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>An image (Image API v2).</summary>
public sealed record Image : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("image", "images", "", "images");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string? Name { get; init; }

    /// <summary>active, queued, deactivated, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>public, private, shared or community.</summary>
    public string? Visibility { get; init; }

    /// <summary>The size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The size of the resulting disk in bytes, if known.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>The minimum disk in GiB.</summary>
    public int MinDisk { get; init; }

    /// <summary>The minimum memory in MiB.</summary>
    public int MinRam { get; init; }

    /// <summary>The creation time.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Other properties: os_distro, os_admin_user, hw_*, ...</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Properties { get; init; } = [];

    /// <summary>Another property, if it is a string.</summary>
    public string? Property(string name) =>
        Properties.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
