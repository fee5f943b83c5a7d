namespace KubeLab;

/// <summary>What a check of a history found.</summary>
public sealed record KlConsistency : IKlMeasurement
{
    /// <summary>The name of the history, such as that of its file.</summary>
    public required string Name { get; init; }

    /// <summary>The model: what the operations were meant to do.</summary>
    public required string Model { get; init; }

    /// <summary>The number of operations.</summary>
    public required int Operations { get; init; }

    /// <summary>The number of operations that took effect.</summary>
    public required int Ok { get; init; }

    /// <summary>The number of operations that did not take effect.</summary>
    public required int Failed { get; init; }

    /// <summary>The number of operations that may have taken effect.</summary>
    public required int Unknown { get; init; }

    /// <summary>Whether the history keeps what the model promises.</summary>
    public required KlVerdict Consistent { get; init; }

    /// <summary>Whether the history is linearizable; null for models that promise something else.</summary>
    public KlVerdict? Linearizable { get; init; }

    /// <summary>The counterexamples, if the history is not consistent. For models of linearizability, one for each key that is not linearizable.</summary>
    public required KlCollection<KlAnomaly> Anomalies { get; init; }

    /// <summary>Whether the operations have times. Otherwise their Start and End are positions in the history.</summary>
    public required bool HasTimes { get; init; }

    /// <summary>The start of the check.</summary>
    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>The time that the check took.</summary>
    public required TimeSpan CheckedFor { get; init; }

    /// <summary>Why a verdict is unknown, and how much was checked; otherwise null.</summary>
    public string? Reason { get; init; }

    /// <summary>What else was found, with the anomalies that the model permits: KlIsolation for ListAppend, KlSetCheck for Set, KlCounterCheck for Counter,
    /// KlBankCheck for Bank, KlSessionCheck for Session; null for models of linearizability.</summary>
    public object? Details { get; init; }

    /// <summary>Whether the history is consistent, and why not.</summary>
    internal string Sentence() => Consistent switch
    {
        KlVerdict.True => $"{Name} is consistent with the model {Model}.",
        KlVerdict.False => $"{Name} is not consistent with the model {Model}. {Anomalies.FirstOrDefault()?.Message}",
        _ => $"It is unknown whether {Name} is consistent with the model {Model}. {Reason}",
    };

    /// <summary>The model and the verdict.</summary>
    public override string ToString() =>
        $"{Model}: {(Consistent == KlVerdict.False ? "not consistent" : Consistent == KlVerdict.True ? "consistent" : "unknown")}";
}
