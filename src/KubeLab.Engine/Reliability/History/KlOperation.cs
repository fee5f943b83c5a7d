namespace KubeLab;

/// <summary>The outcome of an operation as its client knows it.</summary>
public enum KlOutcome
{
    /// <summary>It took effect.</summary>
    Ok,

    /// <summary>It did not take effect.</summary>
    Fail,

    /// <summary>It may have taken effect, or may take effect later: the client got no answer.</summary>
    Unknown,
}

/// <summary>One operation of one client.</summary>
/// <remarks>Values are null, bool, long, double, string (also for EDN keywords and symbols, without the colon), IReadOnlyList of values for vectors, lists
/// and sets, and IReadOnlyDictionary for maps.</remarks>
public sealed record KlOperation
{
    /// <summary>Its position in the history, from 0, by the time of its call.</summary>
    public required int Index { get; init; }

    /// <summary>The client. A client has one operation at a time.</summary>
    public required int Process { get; init; }

    /// <summary>What was called: read, write, cas, append, add, transfer, txn, ...</summary>
    public required string Function { get; init; }

    /// <summary>The key, or null if the function has none.</summary>
    public object? Key { get; init; }

    /// <summary>The argument: the value to write, the two values of a compare-and-set, the steps of a transaction, ...</summary>
    public object? Value { get; init; }

    /// <summary>What was returned; null unless <see cref="Outcome"/> is <see cref="KlOutcome.Ok"/>.</summary>
    public object? Result { get; init; }

    /// <summary>The time of the call, in nanoseconds since the start of the history, or its position if the history has no times.</summary>
    public required long Start { get; init; }

    /// <summary>The time of the answer on the same clock, or null if there was none.</summary>
    public long? End { get; init; }

    /// <summary>The outcome.</summary>
    public required KlOutcome Outcome { get; init; }
}
