namespace KubeLab.Engine.Reliability.Faults;

/// <summary>The direction in which packets are dropped, seen from the target.</summary>
public enum FaultDirection
{
    /// <summary>Both directions.</summary>
    Both,

    /// <summary>Packets to the target.</summary>
    Inbound,

    /// <summary>Packets from the target.</summary>
    Outbound,
}

/// <summary>The fault to start and its parameters.</summary>
/// <param name="Kind">The kind.</param>
public sealed record FaultRequest(FaultKind Kind)
{
    /// <summary>How long the fault lasts. Default: 30 s. Maximum: 1 h.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>The other group of a partition.</summary>
    public IReadOnlyList<FaultTarget>? From { get; init; }

    /// <summary>The direction of a partition. Default: both.</summary>
    public FaultDirection? Direction { get; init; }

    /// <summary>The share of packets to drop, in percent.</summary>
    public double? Percent { get; init; }

    /// <summary>The delay of outgoing packets.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The random variation of the delay.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>The bandwidth of outgoing packets as tc writes it, such as 1mbit or 500kbit.</summary>
    public string? Rate { get; init; }

    /// <summary>A systemd unit, or a component of Kubernetes such as kube-apiserver.</summary>
    public string? Service { get; init; }

    /// <summary>The folder whose file system is filled.</summary>
    public string? Path { get; init; }

    /// <summary>The bytes that stay free. Default: 0.</summary>
    public long? Free { get; init; }

    /// <summary>The number of processor cores to use. Default: 1.</summary>
    public int? Cores { get; init; }

    /// <summary>The memory to use, in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>The change of the clock.</summary>
    public TimeSpan? By { get; init; }

    /// <summary>The container of a pod. Required if the pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>Whether the fault lasts.</summary>
    public bool Lasts => Kind is not (FaultKind.PodKill or FaultKind.ContainerKill);

    /// <summary>The duration; zero for a fault that does not last.</summary>
    public TimeSpan Duration => Lasts ? For ?? TimeSpan.FromSeconds(30) : TimeSpan.Zero;

    /// <summary>The parameters in words.</summary>
    public string Detail => Kind switch
    {
        FaultKind.NetworkPartition =>
            $"{(Direction is null or FaultDirection.Both ? "" : $"{Direction} ")}from {string.Join(", ", From!.Select(one => one.Name))}",
        FaultKind.NetworkLoss => string.Create(Invariant, $"{Percent} %"),
        FaultKind.NetworkDelay => string.Create(Invariant, $"{Delay!.Value.TotalMilliseconds} ms") +
            (Jitter is { } jitter ? string.Create(Invariant, $" +/- {jitter.TotalMilliseconds} ms") : ""),
        FaultKind.NetworkLimit => Rate!,
        FaultKind.ServiceStop => Service!,
        FaultKind.DiskFull => string.Create(Invariant, $"{Path}, {Free ?? 0} bytes free"),
        FaultKind.CpuStress => string.Create(Invariant, $"{Cores ?? 1} cores"),
        FaultKind.MemoryStress => string.Create(Invariant, $"{Memory} bytes"),
        FaultKind.ClockSkew => string.Create(Invariant, $"{By!.Value.TotalSeconds:+0.###;-0.###} s"),
        _ => Container ?? "",
    };

    private static IFormatProvider Invariant => System.Globalization.CultureInfo.InvariantCulture;
}
