using KubeLab.Engine.Reliability.Checkers.Models;
using KubeLab.Engine.Reliability.Checkers.Transactions;

namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>The limits of a check of a history.</summary>
public sealed record ConsistencyOptions
{
    /// <summary>The maximum time of the search. The verdict is Unknown if it is not enough.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum memory of the search, in bytes. The verdict is Unknown if it is not enough.</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    /// <summary>The isolation level that transactions must have.</summary>
    public string Isolation { get; init; } = IsolationLevels.StrictSerializable;

    /// <summary>What a bank promises, or null for the defaults.</summary>
    public BankOptions? Bank { get; init; }

    /// <summary>How many keys are checked at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The clock of the time limit.</summary>
    public required TimeProvider Clock { get; init; }
}
