namespace KubeLab;

/// <summary>The isolation of the transactions in a history.</summary>
public sealed record KlIsolation
{
    /// <summary>The isolation level that was expected.</summary>
    public required string Level { get; init; }

    /// <summary>Whether the expected level holds for this history.</summary>
    public required KlVerdict Verdict { get; init; }

    /// <summary>Why the verdict is <see cref="KlVerdict.Unknown"/>, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The strongest levels that hold for this history. All weaker levels hold too.</summary>
    public required KlCollection<string> Holds { get; init; }

    /// <summary>The weakest levels that do not hold. No stronger level holds.</summary>
    public required KlCollection<string> RuledOut { get; init; }

    /// <summary>The levels about which nothing is known.</summary>
    public required KlCollection<string> Undecided { get; init; }

    /// <summary>The counterexamples, the worst first.</summary>
    public required KlAnomaly[] Anomalies { get; init; }

    /// <summary>The committed transactions. Includes those of unknown outcome whose effect was read.</summary>
    public required int Committed { get; init; }

    /// <summary>The transactions of unknown outcome whose effect nobody read.</summary>
    public required int Unknown { get; init; }
}
