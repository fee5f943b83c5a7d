namespace KubeLab;

/// <summary>The kind of a fault.</summary>
public enum FaultKind
{
    /// <summary>Deletes a pod without a grace period.</summary>
    PodKill,

    /// <summary>Kills the main process of a container with SIGKILL.</summary>
    ContainerKill,

    /// <summary>Stops the processes of a container with SIGSTOP.</summary>
    ContainerPause,

    /// <summary>Stops a service of a node.</summary>
    ServiceStop,

    /// <summary>Turns a machine off without a shutdown.</summary>
    NodeCrash,

    /// <summary>Stops all processes of a machine and drops all its packets.</summary>
    NodePause,

    /// <summary>Drops all packets between two groups.</summary>
    NetworkPartition,

    /// <summary>Drops a share of the packets.</summary>
    NetworkLoss,

    /// <summary>Delays packets.</summary>
    NetworkDelay,

    /// <summary>Limits the bandwidth.</summary>
    NetworkLimit,

    /// <summary>Drops DNS requests.</summary>
    DnsFailure,

    /// <summary>Fills a file system.</summary>
    DiskFull,

    /// <summary>Uses processor time.</summary>
    CpuStress,

    /// <summary>Uses memory.</summary>
    MemoryStress,

    /// <summary>Changes the clock.</summary>
    ClockSkew,
}

/// <summary>The state of a fault.</summary>
public enum FaultState
{
    /// <summary>The fault is in force.</summary>
    Active,

    /// <summary>The fault has ended.</summary>
    Ended,

    /// <summary>Not known, because the machine does not answer.</summary>
    Unknown,
}

/// <summary>A fault that was started, as Start-KlFault and Get-KlFault return it.</summary>
public sealed record KlFault
{
    /// <summary>The identifier, unique among all faults.</summary>
    public required string Id { get; init; }

    /// <summary>The kind.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>The target: the name of a machine or node, or NAMESPACE/POD.</summary>
    public required string Target { get; init; }

    /// <summary>The parameters in words, such as "from kubernetes-2"; empty if there are none.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The machine that ends the fault, or null for a fault that does not last.</summary>
    public string? Machine { get; init; }

    /// <summary>The lab of the machine.</summary>
    public string? Lab { get; init; }

    /// <summary>The cluster of the target, or null for a machine without a cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>When it took effect, on the clock of this computer.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ends by itself; <see cref="Started"/> for a fault that does not last.</summary>
    public required DateTimeOffset Ends { get; init; }

    /// <summary>When it ended, or null while it is active.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The time from the end of the fault until the target was healthy again, or null if this was not awaited.</summary>
    public TimeSpan? Recovery { get; init; }

    /// <summary>The state.</summary>
    public required FaultState State { get; init; }

    /// <summary>KIND of TARGET.</summary>
    public override string ToString() => $"{Kind} of {Target}";
}
