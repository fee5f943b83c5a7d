using KubeLab.Engine.Reliability.Checkers.Linearizability;
using KubeLab.Engine.Reliability.Checkers.Models;
using KubeLab.Engine.Reliability.Checkers.Transactions;

namespace KubeLab.Engine.Reliability;

/// <summary>The options of a check of a history.</summary>
public sealed record ConsistencyOptions
{
    /// <summary>The limits of the search.</summary>
    public required SearchLimits Limits { get; init; }

    /// <summary>The isolation level that transactions must have.</summary>
    public string Isolation { get; init; } = IsolationLevels.StrictSerializable;

    /// <summary>What a bank promises, or null for the defaults.</summary>
    public BankOptions? Bank { get; init; }
}
