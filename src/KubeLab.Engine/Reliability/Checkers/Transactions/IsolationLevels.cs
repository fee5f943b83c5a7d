namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>The order that a level keeps in addition to that of the data.</summary>
internal enum Order
{
    None,
    Process,
    Realtime,
}

/// <summary>What a level promises about data.</summary>
internal enum DataLevel
{
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    ParallelSnapshotIsolation,
    SnapshotIsolation,
    Serializable,
}

/// <summary>An isolation level: what it promises about data, for what order.</summary>
internal readonly record struct Isolation(DataLevel Data, Order Order)
{
    /// <summary>Whether everything that has this level has the other one too.</summary>
    public bool Implies(Isolation other) => Order >= other.Order && (Data == other.Data || (Data, other.Data) switch
    {
        // Neither of the two implies the other. PL-2.99 allows no cycles of items; PSI allows those with two anti-dependencies, but no lost snapshot.
        (DataLevel.ParallelSnapshotIsolation or DataLevel.SnapshotIsolation, DataLevel.RepeatableRead) => false,
        _ => Data > other.Data,
    });

    /// <summary>Its name in the literature.</summary>
    public override string ToString() => (Order, Data) switch
    {
        (Order.Realtime, DataLevel.Serializable) => IsolationLevels.StrictSerializable,
        _ => (Order switch { Order.None => "", Order.Process => "strong-session-", _ => "strong-" }) + Data switch
        {
            DataLevel.ReadUncommitted => "read-uncommitted",
            DataLevel.ReadCommitted => "read-committed",
            DataLevel.RepeatableRead => "repeatable-read",
            DataLevel.ParallelSnapshotIsolation => "parallel-snapshot-isolation",
            DataLevel.SnapshotIsolation => "snapshot-isolation",
            _ => "serializable",
        },
    };
}

/// <summary>The isolation levels and the anomalies that they forbid.</summary>
/// <remarks>
/// A. Adya, "Weak Consistency: A Generalized Theory and Optimistic Implementations for Distributed Transactions", PhD thesis, MIT (1999): PL-1 (read
/// uncommitted), PL-2 (read committed), PL-2.99 (repeatable read), PL-3 (serializable). A. Cerone and A. Gotsman, "Analysing Snapshot Isolation",
/// Journal of the ACM 65 (2018): snapshot isolation and parallel snapshot isolation as shapes of cycles. K. Daudjee and K. Salem, "Lazy Database
/// Replication with Ordering Guarantees", ICDE 2004: strong session levels.
/// </remarks>
public static class IsolationLevels
{
    /// <summary>The strictest level.</summary>
    public const string StrictSerializable = "strict-serializable";

    internal static readonly Isolation[] All =
        [.. from order in Enum.GetValues<Order>() from data in Enum.GetValues<DataLevel>() select new Isolation(data, order)];

    /// <summary>The names of all levels.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(level => $"{level}")];

    /// <summary>Whether all histories that have the level <paramref name="strong"/> have the level <paramref name="weak"/> too.</summary>
    public static bool Implies(string strong, string weak) => Find(strong).Implies(Find(weak));

    internal static Isolation Find(string name) => Array.FindIndex(All, level => $"{level}" == name) is >= 0 and var index
        ? All[index]
        : throw new KlException(ErrorIds.ModelMismatch, KlErrorKind.InvalidInput, name, $"'{name}' is not an isolation level.",
            $"Specify one of {string.Join(", ", Names)}.");

    /// <summary>The weakest levels that forbid an anomaly.</summary>
    internal static DataLevel[] Forbidding(string anomaly) => anomaly switch
    {
        "G0" or "duplicate-elements" or "cyclic-versions" or "garbage-read" => [DataLevel.ReadUncommitted],
        "G2-item" => [DataLevel.RepeatableRead],
        "G-nonadjacent" => [DataLevel.RepeatableRead, DataLevel.SnapshotIsolation],
        "G-single" or "lost-update" or "internal" => [DataLevel.RepeatableRead, DataLevel.ParallelSnapshotIsolation],
        _ => [DataLevel.ReadCommitted],
    };
}
