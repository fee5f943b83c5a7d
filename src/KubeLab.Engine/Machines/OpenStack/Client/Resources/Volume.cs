namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A volume (Block Storage API v3).</summary>
public sealed record Volume : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("block-storage", "volumes", "volume", "volumes") { Details = "/detail" };

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>available, in-use, error, deleting, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>GiB.</summary>
    public int Size { get; init; }

    /// <summary>What was noted at it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
