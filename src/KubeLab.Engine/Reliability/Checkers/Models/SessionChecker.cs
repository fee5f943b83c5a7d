using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Judges the session guarantees of clients that read and write registers, and sequential consistency. All writes to a key have values of their
/// own.</summary>
/// <remarks>
/// D. Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994. One write to a key is older than another if it completed
/// before the other began; what nobody wrote is the oldest. Nothing is said about writes that overlapped. Monotonic writes and writes follow reads are
/// visible to another client only through two of its reads, so that its own monotonic reads may be wrong as well.
/// </remarks>
public static class SessionChecker
{
    private const string Reads = "monotonic-reads";
    private const string Own = "read-your-writes";
    private const string Writes = "monotonic-writes";
    private const string Follow = "writes-follow-reads";
    private const string Either =
        "A client saw a write and later missed an earlier one. Either its reads are not monotonic, or the order of writes was not kept";
    private const string TooHard = "The search of one order of all operations reached its limit";

    /// <summary>Checks a history with the functions read and write.</summary>
    /// <param name="history">The operations. The value of write and the result of read are values of the key.</param>
    /// <param name="stop">Ends the check.</param>
    public static KlSessionCheck Check(IReadOnlyList<KlOperation> history, CancellationToken stop)
    {
        KlOperation[] all = [.. history.Where(one => one.Function is "read" or "write").OrderBy(one => one.Start).ThenBy(one => one.Index)];
        WriteTable writes = new(all);
        if (writes.Repeated is { } repeated)
            return Unknown($"{Values.Text(repeated.Value)} is written twice to key {Values.Text(repeated.Key)}. "
                + "Every write to a key must have a value of its own");
        if (!all.Any(one => one is { Function: "read", Outcome: KlOutcome.Ok }))
            return Unknown("The history has no completed read");
        AnomalyList anomalies = new();
        foreach (var session in all.GroupBy(one => one.Process))
        {
            stop.ThrowIfCancellationRequested();
            Judge([.. session.Where(one => one.Outcome == KlOutcome.Ok)], writes, anomalies);
        }
        var (isWrite, isFollow) = (anomalies.Count(Writes) > 0, anomalies.Count(Follow) > 0);
        var (sequential, anomaly) = SequentialChecker.Check(all, writes, stop);
        return new()
        {
            ReadYourWrites = anomalies.Count(Own) > 0 ? KlVerdict.False : KlVerdict.True,
            MonotonicReads = anomalies.Count(Reads) > 0 ? KlVerdict.False : isWrite || isFollow ? KlVerdict.Unknown : KlVerdict.True,
            MonotonicWrites = isWrite ? KlVerdict.Unknown : KlVerdict.True,
            WritesFollowReads = isFollow ? KlVerdict.Unknown : KlVerdict.True,
            Sequential = sequential,
            Reason = isWrite || isFollow ? Either : sequential == KlVerdict.Unknown ? TooHard : null,
            Anomalies = anomaly is null ? anomalies.ToArray() : [.. anomalies.ToArray(), anomaly],
        };
    }

    private static void Judge(KlOperation[] session, WriteTable writes, AnomalyList anomalies)
    {
        Dictionary<object, Seen> keys = new(ValueComparer.Instance);
        // The last write of each other client that this one has read.
        Dictionary<int, KlOperation> clients = [];
        foreach (var operation in session)
        {
            if (!keys.TryGetValue(operation.Key ?? "", out var seen))
                keys.Add(operation.Key ?? "", seen = new());
            if (operation.Function == "write")
            {
                seen.Written = operation;
                continue;
            }
            var (text, write) = ($"{Values.Text(operation.Result)} from key {Values.Text(operation.Key)}", writes.Of(operation));
            if (seen.Written is { } own && writes.IsOlder(operation, own))
                anomalies.Add(Own, $"Process {operation.Process} wrote {Values.Text(own.Value)}, and then read {text}, which is older.", own, operation);
            if (seen.Newest is { } newest && writes.IsOlder(operation, newest))
                anomalies.Add(Reads, $"Process {operation.Process} read {Values.Text(newest.Value)}, and then read {text}, which is older.",
                    newest, seen.Read!, operation);
            else if (seen.Left.Contains(operation.Result))
                anomalies.Add(Reads, $"Process {operation.Process} read {text} again after it had read another value.", seen.Read!, operation);
            foreach (var last in clients.Values)
            {
                Report(Writes, "written", writes.Written(last, operation.Key), last, operation, writes, anomalies);
                Report(Follow, "read", writes.Read(last, operation.Key), last, operation, writes, anomalies);
            }
            seen.Add(operation, write);
            if (write is not null && write.Process != operation.Process && (clients.GetValueOrDefault(write.Process)?.Start ?? long.MinValue) < write.Start)
                clients[write.Process] = write;
        }
    }

    private static void Report(string name, string how, KlOperation? before, KlOperation last, KlOperation read, WriteTable writes, AnomalyList anomalies)
    {
        // If both have the same key, the reads are to blame.
        if (before is not null && !ValueComparer.Instance.Equals(last.Key, read.Key) && writes.IsOlder(read, before))
            anomalies.Add(name, $"Process {read.Process} read {Values.Text(last.Value)} from key {Values.Text(last.Key)}. Before process {last.Process} wrote "
                + $"that, it had {how} {Values.Text(before.Value)} in key {Values.Text(before.Key)}. Then process {read.Process} read "
                + $"{Values.Text(read.Result)} from this key, which is older.", before, last, read);
    }

    private static KlSessionCheck Unknown(string reason) => new()
    {
        ReadYourWrites = KlVerdict.Unknown,
        MonotonicReads = KlVerdict.Unknown,
        MonotonicWrites = KlVerdict.Unknown,
        WritesFollowReads = KlVerdict.Unknown,
        Sequential = KlVerdict.Unknown,
        Reason = reason,
        Anomalies = [],
    };

    /// <summary>What a client has seen of a key.</summary>
    private sealed class Seen
    {
        /// <summary>Its last own write.</summary>
        public KlOperation? Written { get; set; }

        /// <summary>Its last read.</summary>
        public KlOperation? Read { get; private set; }

        /// <summary>The write of those that it read that began last.</summary>
        public KlOperation? Newest { get; private set; }

        /// <summary>The values that it read before it read another one.</summary>
        public HashSet<object?> Left { get; } = new(ValueComparer.Instance);

        public void Add(KlOperation read, KlOperation? write)
        {
            if (Read is not null && !ValueComparer.Instance.Equals(Read.Result, read.Result))
                Left.Add(Read.Result);
            Read = read;
            if (write is not null && (Newest is null || Newest.Start < write.Start))
                Newest = write;
        }
    }
}
