namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Why one transaction is before another one.</summary>
[Flags]
internal enum Relation : byte
{
    None = 0,

    /// <summary>The other one appended after it.</summary>
    Ww = 1,

    /// <summary>The same, and the outcome of one of them is unknown. If it aborted, the anomaly is a dirty read and not a dirty write.</summary>
    WwUnknown = 2,

    /// <summary>The other one read what it appended.</summary>
    Wr = 4,

    /// <summary>It read a version that does not have what the other one appended.</summary>
    Rw = 8,

    /// <summary>It completed before the other one began, in the same process.</summary>
    Process = 16,

    /// <summary>It completed before the other one began.</summary>
    Realtime = 32,

    /// <summary>Leads from an auxiliary node to where the edge into that node goes. It has no length.</summary>
    Pass = 64,
}
