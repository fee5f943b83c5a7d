namespace KubeLab;

/// <summary>Which session guarantees hold for the reads and writes of each client, and whether they are sequentially consistent.</summary>
public sealed record KlSessionCheck
{
    /// <summary>Whether all four guarantees hold.</summary>
    public KlVerdict Verdict => new[] { ReadYourWrites, MonotonicReads, MonotonicWrites, WritesFollowReads } is var all && all.Contains(KlVerdict.False)
        ? KlVerdict.False : all.Contains(KlVerdict.Unknown) ? KlVerdict.Unknown : KlVerdict.True;

    /// <summary>Whether a client reads what it wrote, or something newer.</summary>
    public required KlVerdict ReadYourWrites { get; init; }

    /// <summary>Whether a client never reads something older than it read before.</summary>
    public required KlVerdict MonotonicReads { get; init; }

    /// <summary>Whether the writes of a client take effect in its order. Unknown if only this or <see cref="MonotonicReads"/> can be wrong.</summary>
    public required KlVerdict MonotonicWrites { get; init; }

    /// <summary>Whether a write takes effect after what its client had read. Unknown if only this or <see cref="MonotonicReads"/> can be wrong.</summary>
    public required KlVerdict WritesFollowReads { get; init; }

    /// <summary>Whether one order of all operations, with those of each client in the client's order, explains all reads. Unlike linearizability it ignores
    /// time, so that clients may read old values. <see cref="Verdict"/> does not depend on it.</summary>
    public required KlVerdict Sequential { get; init; }

    /// <summary>Why a verdict is <see cref="KlVerdict.Unknown"/>, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The counterexamples.</summary>
    public required KlAnomaly[] Anomalies { get; init; }
}
