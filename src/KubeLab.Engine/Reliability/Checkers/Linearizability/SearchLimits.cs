namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>The limits of a search.</summary>
public sealed record SearchLimits
{
    /// <summary>The maximum time of the search. The verdict is Unknown if it is not enough.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum memory of the search, in bytes. The verdict is Unknown if it is not enough.</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    /// <summary>How many keys are checked at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The clock of the time limit.</summary>
    public required TimeProvider Clock { get; init; }
}
