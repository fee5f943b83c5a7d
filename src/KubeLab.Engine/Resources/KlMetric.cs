namespace KubeLab;

/// <summary>What a node or pod uses, as kubectl top shows it.</summary>
public sealed record KlMetric
{
    /// <summary>The node's or pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pod's namespace; null for a node.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster it is in.</summary>
    public required string Cluster { get; init; }

    /// <summary>Processors, as in 0.25.</summary>
    public required decimal Cpu { get; init; }

    /// <summary>Of what the node can give, in percent; null for a pod.</summary>
    public int? CpuPercent { get; init; }

    /// <summary>Memory in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>Of what the node can give, in percent; null for a pod.</summary>
    public int? MemoryPercent { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
