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

    /// <summary>Its name; not unique.</summary>
    public string? Name { get; init; }

    /// <summary>active, queued, deactivated, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>public, private, shared or community.</summary>
    public string? Visibility { get; init; }

    /// <summary>Bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes of the disk that it becomes, where Glance knows.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>The least disk in GiB.</summary>
    public int MinDisk { get; init; }

    /// <summary>The least memory in MiB.</summary>
    public int MinRam { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Whatever else is noted at it: os_distro, os_admin_user, hw_*, ...</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Properties { get; init; } = [];

    /// <summary>One of the other properties, where it is text.</summary>
    public string? Property(string name) =>
        Properties.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
