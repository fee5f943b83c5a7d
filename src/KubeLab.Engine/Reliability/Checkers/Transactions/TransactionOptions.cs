namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>What a check of transactions expects, and its limits.</summary>
public sealed record TransactionOptions
{
    /// <summary>The isolation level that the verdict is about, one of <see cref="IsolationLevels.Names"/>. Default: the strictest.</summary>
    public string Level { get; init; } = IsolationLevels.StrictSerializable;

    /// <summary>The most anomalies of one name that are described, at least 1. Default: 10.</summary>
    public int MaxAnomalies { get; init; } = 10;

    /// <summary>The most edges that searches for cycles may visit. Default: 200 million, which take some seconds.</summary>
    public long MaxSteps { get; init; } = 200_000_000;
}
