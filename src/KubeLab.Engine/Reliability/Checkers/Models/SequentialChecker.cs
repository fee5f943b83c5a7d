using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Judges sequential consistency of registers: whether one order of all operations, with those of each client in the client's order, explains all
/// reads. Unlike linearizability it ignores time, and a database whose members are behind, but never go back, can have it.</summary>
internal static class SequentialChecker
{
    private const string Name = "non-sequential";
    private const int MaxTrials = 2_000;

    /// <summary>Checks a history.</summary>
    /// <param name="operations">The reads and writes, in the order of their calls.</param>
    /// <param name="writes">The writes. All writes to a key have values of their own.</param>
    /// <param name="stop">Cancels the check.</param>
    public static (KlVerdict Verdict, KlAnomaly? Anomaly) Check(KlOperation[] operations, WriteTable writes, CancellationToken stop)
    {
        KlOperation[] reads = [.. operations.Where(one => one is { Function: "read", Outcome: KlOutcome.Ok })];
        if (Invented(reads, writes) is { } anomaly)
            return (KlVerdict.False, anomaly);
        var seen = reads.Select(writes.Of).ToHashSet();
        KlOperation[] effective = [.. operations.Where(one => one.Outcome == KlOutcome.Ok || seen.Contains(one))];
        var verdict = new SequentialOrder(effective, stop).Exists();
        return (verdict, verdict == KlVerdict.False ? Explain(Shrink(effective, writes, stop)) : null);
    }

    private static KlAnomaly? Invented(KlOperation[] reads, WriteTable writes)
    {
        Dictionary<object, KlOperation> initial = new(ValueComparer.Instance);
        foreach (var read in reads)
        {
            var write = writes.Of(read);
            if (write is { Outcome: KlOutcome.Fail })
                return Anomaly($"Process {read.Process} read {Text(read)}, whose write had failed.", write, read);
            if (write is null && !initial.TryAdd(read.Key ?? "", read) && !ValueComparer.Instance.Equals(initial[read.Key ?? ""].Result, read.Result))
                return Anomaly($"{Values.Text(initial[read.Key ?? ""].Result)} and {Text(read)} were read, and no write had these values.",
                    initial[read.Key ?? ""], read);
        }
        return null;
    }

    // What remains has no order either: a read can be left out, and a write with the reads of its value.
    private static KlOperation[] Shrink(KlOperation[] operations, WriteTable writes, CancellationToken stop)
    {
        var trials = 0;
        for (var size = Math.Max(1, operations.Length / 2); ; size = Math.Max(1, size / 2))
        {
            var before = operations.Length;
            for (var from = 0; from < operations.Length && trials++ < MaxTrials; from += size)
            {
                var removed = operations.Skip(from).Take(size).ToHashSet();
                KlOperation[] fewer = [.. operations.Where(one => !removed.Contains(one) && !(one.Function == "read" && removed.Contains(writes.Of(one)!)))];
                if (new SequentialOrder(fewer, stop).Exists() != KlVerdict.False)
                    continue;
                operations = fewer;
                from -= size;
            }
            if (trials >= MaxTrials || (size == 1 && operations.Length == before))
                return operations;
        }
    }

    private static KlAnomaly Explain(KlOperation[] operations) => Anomaly(
        $"No order of these {operations.Length} operations that has those of each process in its order explains what was read.", operations);

    private static string Text(KlOperation read) => $"{Values.Text(read.Result)} from key {Values.Text(read.Key)}";

    private static KlAnomaly Anomaly(string message, params KlOperation[] operations) =>
        new() { Name = Name, Message = message, Operations = [.. operations.OrderBy(one => one.Start).ThenBy(one => one.Index)] };
}
