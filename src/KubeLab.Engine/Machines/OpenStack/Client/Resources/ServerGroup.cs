namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A server group, which places servers apart or together.</summary>
public sealed record ServerGroup : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "os-server-groups", "server_group", "server_groups");

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>anti-affinity, soft-anti-affinity, ... (2.64).</summary>
    public string? Policy { get; init; }

    /// <summary>The policies before 2.64.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The IDs of the servers.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}
