namespace KubeLab.Tests.Reliability.Checkers.Transactions;

/// <summary>Adya's direct dependencies by their definition, for histories whose reads agree on one order of each key.</summary>
internal sealed class Definition(KlOperation[] history)
{
    private readonly Dictionary<object, object?[]> _orders = history.Where(one => one.Outcome == KlOutcome.Ok).SelectMany(BruteForce.Steps)
        .Where(step => Equals(step[0], "r")).GroupBy(step => step[1]!, step => ((IReadOnlyList<object?>)step[2]!).ToArray())
        .ToDictionary(key => key.Key, key => key.MaxBy(list => list.Length)!);

    /// <summary>Whether the operations are a cycle of this name, in some order.</summary>
    public bool IsCycle(string name, KlOperation[] operations) => Permutations([.. operations[1..]]).Any(rest =>
    {
        KlOperation[] cycle = [operations[0], .. rest];
        return Kinds(cycle, 0).Any(kinds => Name(kinds) == name);
    });

    private IEnumerable<string[]> Kinds(KlOperation[] cycle, int at) => at == cycle.Length
        ? [[]]
        : Between(cycle[at], cycle[(at + 1) % cycle.Length]).SelectMany(kind => Kinds(cycle, at + 1).Select(rest => (string[])[kind, .. rest]));

    private static string Name(string[] kinds)
    {
        var anti = kinds.Count(kind => kind == "rw");
        var adjacent = Enumerable.Range(0, kinds.Length).Any(at => kinds[at] == "rw" && kinds[(at + 1) % kinds.Length] == "rw");
        var name = anti switch
        {
            0 => kinds.Any(kind => kind is "wr" or "ww?") ? "G1c" : "G0",
            1 => "G-single",
            _ => adjacent ? "G2-item" : "G-nonadjacent",
        };
        return name + (kinds.Contains("realtime") ? "-realtime" : kinds.Contains("process") ? "-process" : "");
    }

    private IEnumerable<string> Between(KlOperation one, KlOperation other)
    {
        var isOk = one.Outcome == KlOutcome.Ok && other.Outcome == KlOutcome.Ok;
        if (Appends(other).Any(step => Previous(step) is { Length: > 0 } before && Appends(one).Any(mine => Same(mine, (step.Key, before[^1])))))
            yield return isOk ? "ww" : "ww?";
        if (Reads(other).Any(read => read.List.Length > 0 && Appends(one).Any(mine => Same(mine, (read.Key, read.List[^1])))))
            yield return "wr";
        if (Reads(one).Any(read => Appends(other).Any(step => step.Key.Equals(read.Key) && Previous(step).SequenceEqual(read.List))))
            yield return "rw";
        if (one.Outcome == KlOutcome.Ok && one.End < other.Start)
        {
            yield return "realtime";
            if (one.Process == other.Process)
                yield return "process";
        }
    }

    // The version that an append extended. If no read shows the append, it is after all that reads show.
    private object?[] Previous((object Key, object? Element) step)
    {
        var order = _orders.GetValueOrDefault(step.Key, []);
        return Array.IndexOf(order, step.Element) is >= 0 and var position ? order[..position] : order;
    }

    private static bool Same((object Key, object? Element) one, (object Key, object? Element) other) =>
        one.Key.Equals(other.Key) && Equals(one.Element, other.Element);

    private static IEnumerable<(object Key, object? Element)> Appends(KlOperation operation) =>
        BruteForce.Steps(operation).Where(step => Equals(step[0], "append")).Select(step => (step[1]!, step[2]));

    private static IEnumerable<(object Key, object?[] List)> Reads(KlOperation operation) => operation.Outcome != KlOutcome.Ok
        ? []
        : BruteForce.Steps(operation).Where(step => Equals(step[0], "r")).Select(step => (step[1]!, ((IReadOnlyList<object?>)step[2]!).ToArray()));

    private static IEnumerable<KlOperation[]> Permutations(List<KlOperation> items) => items.Count == 0
        ? [[]]
        : items.SelectMany(first => Permutations([.. items.Where(other => other != first)]).Select(rest => (KlOperation[])[first, .. rest]));
}
