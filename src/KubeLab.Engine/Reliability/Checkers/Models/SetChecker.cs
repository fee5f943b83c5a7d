using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Judges a set: each element is added once, and reads return all elements.</summary>
/// <remarks>As Jepsen's set-full, but stricter about what counts as lost: a read that returned the element must have ended before the read that missed it
/// began. Otherwise the element is stale. Stale reads are reported, and allowed.</remarks>
public static class SetChecker
{
    /// <summary>Checks a history with the functions add and read.</summary>
    /// <param name="history">The operations. The value of add is the element; the result of read is the list of elements.</param>
    /// <param name="stop">Ends the check.</param>
    public static KlSetCheck Check(IReadOnlyList<KlOperation> history, CancellationToken stop)
    {
        AnomalyList anomalies = new();
        List<Element> elements = [];
        var reads = 0;
        foreach (var set in history.GroupBy(operation => operation.Key, ValueComparer.Instance))
        {
            KlOperation[] completed = [.. set.Where(one => one is { Function: "read", Outcome: KlOutcome.Ok }).OrderByDescending(one => one.Start)];
            reads += completed.Length;
            elements.AddRange(Judge(set, completed, anomalies, stop));
        }
        foreach (var element in elements)
            Report(element, anomalies);

        object[] never = [.. elements.Where(element => element.IsNeverRead).Select(element => element.Value)];
        var isFalse = anomalies.Count("lost") + anomalies.Count("unexpected") + anomalies.Count("duplicate-elements") > 0;
        var reason = isFalse ? null : reads == 0 ? "The history has no completed read"
            : never.Length > 0 ? $"No read began after {never.Length} elements were acknowledged" : null;
        return new()
        {
            Verdict = isFalse ? KlVerdict.False : reason is null ? KlVerdict.True : KlVerdict.Unknown,
            Reason = reason,
            Acknowledged = elements.Count(element => element.Outcome == KlOutcome.Ok),
            Lost = [.. elements.Where(element => element.IsLost).Select(element => element.Value)],
            Stale = elements.Where(element => element.IsStale).DistinctBy(element => element.Value, ValueComparer.Instance)
                .ToDictionary(element => element.Value, element => element.Delay, ValueComparer.Instance),
            NeverRead = never,
            Unexpected = [.. elements.Where(element => element.IsUnexpected).Select(element => element.Value)],
            Recovered = [.. elements.Where(element => element is { Outcome: KlOutcome.Unknown, Present: not null }).Select(element => element.Value)],
            Anomalies = anomalies.ToArray(),
        };
    }

    // The reads are the last one first: the first that misses an element is then the last one.
    private static List<Element> Judge(IEnumerable<KlOperation> set, KlOperation[] reads, AnomalyList anomalies, CancellationToken stop)
    {
        Dictionary<object, Element> elements = new(ValueComparer.Instance);
        foreach (var add in set.Where(operation => operation.Function == "add"))
            ElementOf(elements, add.Value ?? throw ModelError.Of(add, "adds no value", "The value of add is the element.")).Add(add);
        foreach (var read in reads)
        {
            foreach (var value in Values.List(read, read.Result))
            {
                if (value is not null && !ElementOf(elements, value).See(read))
                    anomalies.Add("duplicate-elements", $"A read returned {Values.Text(value)} twice.", read);
            }
        }
        List<Element> open = [.. elements.Values.Where(element => !element.IsUnexpected)];
        foreach (var read in reads)
        {
            stop.ThrowIfCancellationRequested();
            HashSet<object?> list = new(Values.List(read, read.Result), ValueComparer.Instance);
            open.RemoveAll(element => element.Known < read.Start && !list.Contains(element.Value) && element.Miss(read));
        }
        return [.. elements.Values];
    }

    private static Element ElementOf(Dictionary<object, Element> elements, object value)
    {
        if (!elements.TryGetValue(value, out var element))
            elements.Add(value, element = new(value));
        return element;
    }

    private static void Report(Element element, AnomalyList anomalies)
    {
        var text = Values.Text(element.Value);
        KlOperation[] involved = [.. new[] { element.Addition, element.Present, element.Absent }.OfType<KlOperation>()];
        if (element.IsLost)
            anomalies.Add("lost", $"{text} was {(element.Outcome == KlOutcome.Ok ? "added" : "read")}, a read that began later missed it, "
                + "and no read returned it after that.", involved);
        if (element.IsStale)
            anomalies.Add("stale-read", $"A read missed {text} {element.Delay.TotalMilliseconds:0.###} ms after it was "
                + $"{(element.Outcome == KlOutcome.Ok ? "added" : "read")}; other reads returned it.", involved);
        if (element.IsUnexpected)
            anomalies.Add("unexpected", $"A read returned {text}, which {(element.Addition is null ? "nobody added" : "could not be added")}.", involved);
    }

    private sealed class Element(object value)
    {
        private KlOperation? _last;

        public object Value => value;

        /// <summary>The best outcome of its additions.</summary>
        public KlOutcome Outcome { get; private set; } = KlOutcome.Fail;

        public KlOperation? Addition { get; private set; }

        /// <summary>When a client knew that it is in the set.</summary>
        public long Known { get; private set; } = long.MaxValue;

        /// <summary>The read that returned it and ended last.</summary>
        public KlOperation? Present { get; private set; }

        /// <summary>The last read that missed it, of those that began when it was known.</summary>
        public KlOperation? Absent { get; private set; }

        public TimeSpan Delay => Absent is null ? TimeSpan.Zero : TimeSpan.FromTicks((Absent.Start - Known) / TimeSpan.NanosecondsPerTick);

        public bool IsUnexpected => Present is not null && Outcome == KlOutcome.Fail;

        public bool IsLost => Absent is not null && (Present is null || EndOf(Present) < Absent.Start);

        public bool IsStale => Absent is not null && !IsLost;

        public bool IsNeverRead => Outcome == KlOutcome.Ok && Absent is null && Present is null;

        public void Add(KlOperation add)
        {
            if (Addition is null || add.Outcome == KlOutcome.Ok || Outcome == KlOutcome.Fail)
                (Addition, Outcome) = (add, add.Outcome);
            if (add.Outcome == KlOutcome.Ok)
                Known = Math.Min(Known, EndOf(add));
        }

        /// <summary>Notes a read that returned it. Returns false if the read did so before.</summary>
        public bool See(KlOperation read)
        {
            var isFirst = !ReferenceEquals(_last, read);
            _last = read;
            Known = Math.Min(Known, EndOf(read));
            Present = Present is null || EndOf(Present) < EndOf(read) ? read : Present;
            return isFirst;
        }

        public bool Miss(KlOperation read)
        {
            Absent = read;
            return true;
        }

        private static long EndOf(KlOperation operation) => operation.End ?? long.MaxValue;
    }
}
