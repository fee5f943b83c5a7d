namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A volume (Block Storage API v3).</summary>
public sealed record Volume : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("block-storage", "volumes", "volume", "volumes") { Details = "/detail" };

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>available, in-use, error, deleting, ...</summary>
    public string Status { get; init; } = "";

    /// <summary>The size in GiB.</summary>
    public int Size { get; init; }

    /// <summary>The metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
