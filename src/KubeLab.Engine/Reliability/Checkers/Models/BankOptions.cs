namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>What a bank promises.</summary>
public sealed record BankOptions
{
    /// <summary>The sum of all balances. Default: what most reads add up to.</summary>
    public long? Total { get; init; }

    /// <summary>Whether a balance may be negative. Default: no.</summary>
    public bool AllowNegative { get; init; }
}
