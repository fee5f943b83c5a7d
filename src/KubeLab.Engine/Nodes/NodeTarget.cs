namespace KubeLab.Engine.Nodes;

/// <summary>Nodes that a user named, or piped. Without a name and a cluster, the nodes of the cluster of the current context.</summary>
public sealed record NodeTarget
{
    /// <summary>The name of a node or a pattern, for messages; null for all nodes.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a node is selected. Default: the node of this name, or all nodes.</summary>
    public Func<string, bool> Matches { get => field ?? (name => Name is null || string.Equals(name, Name, StringComparison.OrdinalIgnoreCase)); init; }

    /// <summary>Whether the name selects any number of nodes.</summary>
    public bool IsPattern { get; init; }

    /// <summary>The internal address of a node, which its machine must have, or null.</summary>
    public string? Address { get; init; }

    /// <summary>The name of a KubeLab cluster, or null.</summary>
    public string? Cluster { get; init; }

    /// <summary>The machines to select from, or null.</summary>
    public IReadOnlyList<Machine>? Machines { get; init; }

    /// <summary>The name, the cluster or the machines.</summary>
    public override string ToString() => Name ?? Cluster ?? (Machines is null ? "nodes" : string.Join(", ", Machines));
}
