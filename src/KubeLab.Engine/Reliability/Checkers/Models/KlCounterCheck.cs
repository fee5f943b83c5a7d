namespace KubeLab;

/// <summary>Whether the reads of a counter are possible sums.</summary>
public sealed record KlCounterCheck
{
    /// <summary>Whether all reads are within their bounds.</summary>
    public required KlVerdict Verdict { get; init; }

    /// <summary>Why the verdict is <see cref="KlVerdict.Unknown"/>, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The completed reads.</summary>
    public required int Reads { get; init; }

    /// <summary>The counterexamples.</summary>
    public required KlAnomaly[] Anomalies { get; init; }
}
