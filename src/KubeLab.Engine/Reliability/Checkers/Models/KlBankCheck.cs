namespace KubeLab;

/// <summary>Whether the balances of a bank add up.</summary>
public sealed record KlBankCheck
{
    /// <summary>Whether all reads add up.</summary>
    public required KlVerdict Verdict { get; init; }

    /// <summary>Why the verdict is <see cref="KlVerdict.Unknown"/>, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The completed reads.</summary>
    public required int Reads { get; init; }

    /// <summary>The total of all balances, or null if there is none.</summary>
    public required long? Total { get; init; }

    /// <summary>The reads that do not add up.</summary>
    public required int Wrong { get; init; }

    /// <summary>The counterexamples.</summary>
    public required KlAnomaly[] Anomalies { get; init; }
}
