namespace KubeLab;

/// <summary>What became of the elements that were added to a set.</summary>
public sealed record KlSetCheck
{
    /// <summary>Whether no acknowledged element was lost, and no read returned an element that was not added.</summary>
    public required KlVerdict Verdict { get; init; }

    /// <summary>Why the verdict is <see cref="KlVerdict.Unknown"/>, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The additions that were acknowledged.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>The elements that were acknowledged or read, and that no read returned after one that began later and missed them.</summary>
    public required object[] Lost { get; init; }

    /// <summary>The elements that a read missed and a later one returned, with the time from the acknowledgment to the last read that missed them.</summary>
    public required IReadOnlyDictionary<object, TimeSpan> Stale { get; init; }

    /// <summary>The elements that no read could have shown, because none began after their acknowledgment.</summary>
    public required object[] NeverRead { get; init; }

    /// <summary>The elements that were read and not added, or whose addition failed.</summary>
    public required object[] Unexpected { get; init; }

    /// <summary>The elements whose addition has an unknown outcome, and that were read.</summary>
    public required object[] Recovered { get; init; }

    /// <summary>The counterexamples.</summary>
    public required KlAnomaly[] Anomalies { get; init; }
}
