using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Finds few operations that show that a history is not linearizable.</summary>
/// <remarks>Leaving operations out must not make a correct history wrong. Reads can always be left out. A write can be left out if no read that stays could
/// have seen it: because none returned its value, or because it was overwritten before by a write that stays.</remarks>
internal sealed class Counterexample
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);
    // A search that leaves operations out can be harder than that of all.
    private const int MaxSteps = 20_000;
    private const int Readable = 12;
    private readonly Call[] _calls;
    private readonly int _failed;
    private readonly Partition _partition;
    private readonly SearchBudget _budget;

    private Counterexample(Partition partition, Call failed, SearchBudget budget)
    {
        (_partition, _budget) = (partition, budget);
        // What has not been answered by then can still take effect or not.
        _calls = partition.Calls.Where(call => call.Start <= failed.End && (call.End <= failed.End || !call.IsPure))
            .Select(call => call.End <= failed.End ? call : call with { End = Call.Never }).OrderBy(call => call.Start).ToArray();
        _failed = Array.IndexOf(_calls, failed);
    }

    /// <summary>Finds the operations, and says what cannot be.</summary>
    /// <param name="history">The history.</param>
    /// <param name="partition">The key that is not linearizable.</param>
    /// <param name="unexplained">The calls whose answers could not be explained, in the order of the answers.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="stop">Cancels the search.</param>
    public static KlAnomaly Of(
        OperationHistory history, Partition partition, Call[] unexplained, SearchLimits limits, CancellationToken stop)
    {
        var budget = new SearchBudget(limits.TimeLimit < TimeLimit ? limits.TimeLimit : TimeLimit, limits.MemoryLimit, limits.Clock, stop);
        // An append is only wrong if a later read shows it. Then the first answer that is not explained is that of the append.
        var observers = unexplained.Where(call => call.Observes).ToList();
        foreach (var failed in observers)
            if (Contradiction.Of(partition, failed) is { } pair)
                return new Explanation(history, partition, failed, pair).ToAnomaly();
        foreach (var failed in observers)
            if (new Counterexample(partition, failed, budget) is var example && example.IsWrong(example.All()))
            {
                var few = example.Shrink();
                if (few.Length > Readable && example.Weaken())
                    few = example.Shrink();
                var last = few.Contains(failed) ? failed : few.Where(call => call.Observes).MaxBy(call => call.End);
                return new Explanation(history, partition, last, few).ToAnomaly();
            }
            else if (!budget.MayContinue())
                break;
        return new Explanation(history, partition, unexplained[0], partition.Calls).ToAnomaly();
    }

    private Call[] Shrink()
    {
        var chosen = First();
        for (var size = Math.Max(1, Count(chosen) / 2); ; size = Math.Max(1, size / 2))
        {
            var before = Count(chosen);
            for (var from = 0; from < Count(chosen); from += size)
                if (!_budget.MayContinue())
                    return Of(chosen);
                else if (Smaller(chosen, from, size) is { } fewer)
                    (chosen, from) = (fewer, from - size);
            if (size == 1 && Count(chosen) == before)
                return Of(chosen);
        }
    }

    // What a swap wrote can be shown without what it found, which would need all swaps before.
    private bool Weaken()
    {
        var isWeaker = false;
        for (var i = 0; i < _calls.Length && _budget.MayContinue(); i++)
        {
            var call = _calls[i];
            if (call.Kind != CallKind.Swap || i == _failed)
                continue;
            _calls[i] = call with { Kind = CallKind.Write, A = 0 };
            if (IsWrong(All()))
                isWeaker = true;
            else
                _calls[i] = call;
        }
        return isWeaker;
    }

    private bool[]? Smaller(bool[] chosen, int from, int size)
    {
        var rest = Without(chosen, from, size);
        // A write may be there for some reads only, so they are left out together.
        var more = (bool[])rest.Clone();
        for (var i = 0; i < more.Length; i++)
            more[i] &= i == _failed || !_calls.Where((writer, w) => chosen[w] && !rest[w] && _partition.CanSee(_calls[i], writer, long.MinValue)).Any();
        return new[] { rest, more }.Select(Close).FirstOrDefault(fewer => Count(fewer) < Count(chosen) && IsWrong(fewer));
    }

    // The last calls often suffice, or the last that replaced the state.
    private bool[] First()
    {
        var overwriter = Array.IndexOf(_calls, _partition.Overwriter(_calls[_failed], _calls) ?? default);
        for (var count = 0; count < _calls.Length && _budget.MayContinue(); count = Math.Max(1, count * 2))
        {
            var last = new bool[_calls.Length];
            last.AsSpan(_calls.Length - count).Fill(true);
            last[_failed] = true;
            if (count == 0 && overwriter >= 0)
                last[overwriter] = true;
            if (Close(last) is var closed && IsWrong(closed))
                return closed;
        }
        return All();
    }

    private bool[] All() => Enumerable.Repeat(true, _calls.Length).ToArray();

    private bool IsWrong(bool[] chosen) => _partition.Search(Of(chosen), _budget).Run(MaxSteps) == KlVerdict.False;

    private Call[] Of(bool[] chosen) => _calls.Where((_, i) => chosen[i]).ToArray();

    private static int Count(bool[] chosen) => chosen.AsSpan().Count(true);

    private static bool[] Without(bool[] chosen, int from, int count)
    {
        var rest = (bool[])chosen.Clone();
        var seen = 0;
        for (var i = 0; i < rest.Length; i++)
            if (rest[i] && seen++ >= from && seen <= from + count)
                rest[i] = false;
        return rest;
    }

    // Adds the writes that the chosen reads could have seen.
    private bool[] Close(bool[] chosen)
    {
        while (true)
        {
            var calls = Of(chosen);
            var observers = calls.Where(call => call.Observes).Select(call => (Call: call, Overwritten: OverwrittenBefore(call, calls))).ToArray();
            var isClosed = true;
            for (var i = 0; i < _calls.Length; i++)
                if (!chosen[i] && !_calls[i].IsPure && Array.Exists(observers, one => _partition.CanSee(one.Call, _calls[i], one.Overwritten)))
                    (chosen[i], isClosed) = (true, false);
            if (isClosed)
                return chosen;
        }
    }

    private long OverwrittenBefore(Call observer, Call[] calls) => _partition.Overwriter(observer, calls)?.Start ?? long.MinValue;
}
