namespace KubeLab;

/// <summary>The resource usage of a node or pod, as kubectl top shows it.</summary>
public sealed record KlMetric
{
    /// <summary>The name of the node or pod.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace of the pod; null for a node.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster it is in.</summary>
    public required string Cluster { get; init; }

    /// <summary>CPU cores, such as 0.25.</summary>
    public required decimal Cpu { get; init; }

    /// <summary>Percentage of the node's allocatable CPU; null for a pod.</summary>
    public int? CpuPercent { get; init; }

    /// <summary>Memory in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>Percentage of the node's allocatable memory; null for a pod.</summary>
    public int? MemoryPercent { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
