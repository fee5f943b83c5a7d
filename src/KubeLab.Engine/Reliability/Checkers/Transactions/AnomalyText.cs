namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Describes anomalies. The transactions of an anomaly are T1, T2, ... in the order of their calls.</summary>
internal sealed class AnomalyText(TransactionTable table, VersionOrders orders, Dependencies dependencies)
{
    private const int MaxSentences = 30;

    /// <summary>Creates an anomaly.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="transactions">The transactions involved.</param>
    /// <param name="message">Returns its message, given the names of the transactions.</param>
    public KlAnomaly Of(string name, IEnumerable<int> transactions, Func<Func<int, string>, string> message)
    {
        int[] involved = [.. transactions.Distinct().Order()];
        return new()
        {
            Name = name,
            Message = message(transaction => $"T{Array.BinarySearch(involved, transaction) + 1}"),
            Operations = [.. involved.Select(transaction => table.Operations[transaction])],
        };
    }

    /// <summary>Describes a cycle, one sentence an edge, from its first transaction on.</summary>
    public KlAnomaly Of(string name, Hop[] cycle)
    {
        var first = cycle.Min(hop => hop.From);
        var start = Array.FindIndex(cycle, hop => hop.From == first);
        return Of(name, cycle.Select(hop => hop.From), names => string.Join(' ', cycle[start..].Concat(cycle[..start]).Take(MaxSentences)
            .Select(hop => Sentence(hop, names(hop.From), names(hop.To))))
            + (cycle.Length > MaxSentences ? $" And so on, {cycle.Length - MaxSentences} more." : "") + " No order of these transactions is possible.");
    }

    /// <summary>The name of a step's key.</summary>
    public string Key(int step) => Values.Text(table.Keys[table.Steps[step].Key]);

    /// <summary>What a step appended.</summary>
    public string Element(int step) => Values.Text(table.Steps[step].Element);

    /// <summary>What a step read.</summary>
    public string List(int step) => Values.Text(table.Steps[step].List!);

    private string Sentence(Hop hop, string from, string to) => hop.Relation switch
    {
        Relation.Process => $"{from} completed before {to} began in the same process.",
        Relation.Realtime => $"{from} completed before {to} began.",
        Relation.Wr => Read(hop, from, to),
        Relation.Rw => Overwritten(hop, from, to),
        _ => Written(hop, from, to),
    };

    private string Written(Hop hop, string from, string to)
    {
        foreach (var append in StepsOf(hop.To, append => append.Element is not null))
        {
            var (key, position) = (table.Steps[append].Key, orders.Position(append));
            var previous = position < 0 ? dependencies.Last(key) : dependencies.Before(key, position - 1);
            if (previous >= 0 && table.Steps[previous].Transaction == hop.From)
                return $"{to} appended {Element(append)} to key {Key(append)} after {from} had appended {Element(previous)}"
                    + (position < 0 ? $": reads show {Element(previous)} and not {Element(append)}." : ".");
        }
        throw Missing();
    }

    private string Read(Hop hop, string from, string to)
    {
        foreach (var read in StepsOf(hop.To, read => read.List is { Count: > 0 }))
        {
            if (dependencies.Source(read) is >= 0 and var source && table.Steps[source].Transaction == hop.From)
                return $"{to} read key {Key(read)} as {List(read)}, which has {Element(source)} that {from} appended.";
        }
        throw Missing();
    }

    private string Overwritten(Hop hop, string from, string to)
    {
        foreach (var read in StepsOf(hop.From, read => read.List is not null))
        {
            if (!dependencies.IsVersion(read))
                continue;
            var (key, next) = (table.Steps[read].Key, dependencies.After(table.Steps[read].Key, orders.Length(read)));
            var append = next >= 0
                ? table.Steps[next].Transaction == hop.To ? next : -1
                : StepsOf(hop.To, step => step.Element is not null && step.Key == key).FirstOrDefault(step => orders.Position(step) < 0, -1);
            if (append >= 0)
                return $"{from} read key {Key(read)} as {List(read)} before {to} appended {Element(append)}.";
        }
        throw Missing();
    }

    private IEnumerable<int> StepsOf(int transaction, Func<TransactionTable.Step, bool> which) => Enumerable
        .Range(table.First[transaction], table.First[transaction + 1] - table.First[transaction]).Where(step => which(table.Steps[step]));

    private static InvalidOperationException Missing() => new("An edge of the graph has no reason.");
}
