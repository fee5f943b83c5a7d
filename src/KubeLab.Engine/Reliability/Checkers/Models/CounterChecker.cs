using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Judges a counter: a read returns a sum that includes all additions that completed before it, and any of those that it overlaps.</summary>
/// <remarks>As Jepsen's counter, for negative additions too.</remarks>
public static class CounterChecker
{
    /// <summary>Checks a history with the functions add and read.</summary>
    /// <param name="history">The operations. The value of add and the result of read are integers.</param>
    /// <param name="stop">Ends the check.</param>
    public static KlCounterCheck Check(IReadOnlyList<KlOperation> history, CancellationToken stop)
    {
        AnomalyList anomalies = new();
        var reads = 0;
        foreach (var counter in history.GroupBy(operation => operation.Key, ValueComparer.Instance))
        {
            KlOperation[] adds = [.. counter.Where(one => one.Function == "add" && one.Outcome != KlOutcome.Fail)];
            Sums done = new(adds.Where(one => one is { Outcome: KlOutcome.Ok, End: not null })
                .Select(one => (one.End!.Value, Values.Integer(one, one.Value))));
            Sums begun = new(adds.Select(one => (one.Start, Values.Integer(one, one.Value))));
            foreach (var read in counter.Where(one => one is { Function: "read", Outcome: KlOutcome.Ok }))
            {
                stop.ThrowIfCancellationRequested();
                reads++;
                // Completed before the read began, and begun before it ended. A negative addition that may be missing raises the upper bound.
                var (plus, minus) = done.Before(read.Start);
                var (morePlus, moreMinus) = begun.Before(read.End is { } end && end < long.MaxValue ? end + 1 : long.MaxValue);
                var (low, high, value) = (plus + moreMinus, morePlus + minus, Values.Integer(read, read.Result));
                if (value < low || value > high)
                    anomalies.Add("counter-bounds", $"A read returned {value}, but only sums from {low} to {high} are possible.", read);
            }
        }
        return new()
        {
            Verdict = anomalies.Count("counter-bounds") > 0 ? KlVerdict.False : reads > 0 ? KlVerdict.True : KlVerdict.Unknown,
            Reason = reads == 0 ? "The history has no completed read" : null,
            Reads = reads,
            Anomalies = anomalies.ToArray(),
        };
    }

    /// <summary>The sums of positive and of negative numbers up to a time.</summary>
    private sealed class Sums
    {
        private readonly long[] _times;
        private readonly Int128[] _plus;
        private readonly Int128[] _minus;

        public Sums(IEnumerable<(long Time, long Number)> numbers)
        {
            var ordered = numbers.OrderBy(number => number.Time).ToArray();
            (_times, _plus, _minus) = ([.. ordered.Select(number => number.Time)], new Int128[ordered.Length + 1], new Int128[ordered.Length + 1]);
            for (var at = 0; at < ordered.Length; at++)
            {
                _plus[at + 1] = _plus[at] + Math.Max(ordered[at].Number, 0);
                _minus[at + 1] = _minus[at] + Math.Min(ordered[at].Number, 0);
            }
        }

        public (Int128 Plus, Int128 Minus) Before(long time)
        {
            var count = Ordered.Count(_times, one => one < time);
            return (_plus[count], _minus[count]);
        }
    }
}
