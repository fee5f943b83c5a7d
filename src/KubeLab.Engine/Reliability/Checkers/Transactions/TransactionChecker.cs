namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Infers from transactions that append to lists and read them which isolation levels hold.</summary>
/// <remarks>
/// K. Kingsbury and P. Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", PVLDB 14 (2020). A read of a list shows all appends
/// that it includes and their order, which gives the dependencies of A. Adya, "Weak Consistency: A Generalized Theory and Optimistic Implementations
/// for Distributed Transactions", PhD thesis, MIT (1999). A history without cycles and without the other anomalies is serializable: any order of the
/// transactions that contains the dependencies explains all reads.
/// Nothing is inferred from reads that contradict each other except what they agree on, and a transaction of unknown outcome counts as committed only
/// once it was read, and proves no dirty write.
/// </remarks>
public static class TransactionChecker
{
    private static readonly string[] Others =
    [
        "garbage-read", "duplicate-elements", "cyclic-versions", "incompatible-order", "G1a", "G1b", "dirty-update", "future-read", "internal", "lost-update",
    ];

    /// <summary>Checks the transactions of a history.</summary>
    /// <param name="history">The operations. Those whose function is "txn" have a list of steps, [function, key, value], as value and as result. The
    /// function is "append" or "r".</param>
    /// <param name="options">The expected level and the limits, or null for the defaults.</param>
    /// <param name="stop">Ends the check.</param>
    public static KlIsolation Check(IReadOnlyList<KlOperation> history, TransactionOptions? options, CancellationToken stop)
    {
        options ??= new();
        var level = IsolationLevels.Find(options.Level);
        TransactionTable table = new(history, stop);
        if (table.Repeated is { } step)
            return Undecided(options.Level, $"{Values.Text(table.Steps[step].Element)} is appended twice to key "
                + $"{Values.Text(table.Keys[table.Steps[step].Key])}. Every append to a key must have an element of its own");
        VersionOrders orders = new(table, stop);
        Dependencies dependencies = new(table, orders);
        AnomalyText text = new(table, orders, dependencies);
        var most = Math.Max(1, options.MaxAnomalies);
        ReadAnomalies reads = new(table, orders, dependencies, text, most, stop);
        CycleAnomalies cycles = new(dependencies.Graph, most, options.MaxSteps, stop);
        if (reads.Found.Count == 0 && !dependencies.HasData)
            return Undecided(options.Level, "The history has no transactions that depend on each other");

        HashSet<Isolation> ruledOut = [.. reads.Found.SelectMany(anomaly => RuledOut(anomaly.Name, Order.None)),
            .. cycles.Found.SelectMany(cycle => RuledOut(cycle.Kind, cycle.Order))];
        HashSet<Isolation> undecided = [.. cycles.Undecided.SelectMany(order => RuledOut("G-single", order)).Where(one =>
            one.Data == DataLevel.ParallelSnapshotIsolation)];
        undecided.ExceptWith(ruledOut);
        Isolation[] holds = [.. IsolationLevels.All.Where(one => !ruledOut.Contains(one) && !undecided.Contains(one))];
        var committed = Enumerable.Range(0, table.Operations.Length).Count(orders.IsCommitted);
        return new()
        {
            Level = options.Level,
            Verdict = ruledOut.Contains(level) ? KlVerdict.False : undecided.Contains(level) ? KlVerdict.Unknown : KlVerdict.True,
            Reason = undecided.Contains(level) ? $"The limit of {options.MaxSteps:N0} steps was reached" : null,
            Holds = [.. holds.Where(one => !holds.Any(other => other != one && other.Implies(one))).Select(one => $"{one}")],
            RuledOut = [.. IsolationLevels.All.Where(one => ruledOut.Contains(one) && !ruledOut.Any(other => other != one && one.Implies(other)))
                .Select(one => $"{one}")],
            Undecided = [.. IsolationLevels.All.Where(undecided.Contains).Select(one => $"{one}")],
            Anomalies = [.. Anomalies(reads, cycles, text)],
            Committed = committed,
            Unknown = table.Operations.Length - committed - Enumerable.Range(0, table.Operations.Length).Count(table.IsFailed),
        };
    }

    private static IEnumerable<Isolation> RuledOut(string anomaly, Order order) => IsolationLevels.All.Where(level =>
        IsolationLevels.Forbidding(anomaly).Any(data => level.Implies(new(data, order))));

    private static IEnumerable<KlAnomaly> Anomalies(ReadAnomalies reads, CycleAnomalies cycles, AnomalyText text) =>
        reads.Found.OrderBy(anomaly => Array.IndexOf(Others, anomaly.Name)).Concat(cycles.Found
            .OrderBy(cycle => cycle.Order).ThenBy(cycle => CycleAnomalies.Kinds.ToList().IndexOf(cycle.Kind)).ThenBy(cycle => cycle.Hops.Length)
            .Select(cycle => text.Of(cycle.Kind + cycle.Order switch { Order.None => "", Order.Process => "-process", _ => "-realtime" }, cycle.Hops)));

    private static KlIsolation Undecided(string level, string reason) => new()
    {
        Level = level,
        Verdict = KlVerdict.Unknown,
        Reason = reason,
        Holds = [],
        RuledOut = [],
        Undecided = [.. IsolationLevels.Names],
        Anomalies = [],
        Committed = 0,
        Unknown = 0,
    };
}
