using KubeLab.Engine.Reliability.Checkers;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>How old the values are that clients read from registers.</summary>
internal static class Staleness
{
    /// <summary>The longest time between the answer of a write that was newer than the value of a read and the call of the read; null if no read was stale.
    /// The true age may be longer. Written values must be unique.</summary>
    public static TimeSpan? Of(IEnumerable<KlOperation> operations)
    {
        var oldest = operations.Where(one => one.Outcome == KlOutcome.Ok).GroupBy(one => one.Key, (_, register) => Oldest([.. register]))
            .DefaultIfEmpty().Max();
        return oldest > 0 ? TimeSpan.FromTicks(oldest / TimeSpan.NanosecondsPerTick) : null;
    }

    private static long Oldest(KlOperation[] register)
    {
        var writes = register.Where(one => one.Function != "read").OrderBy(one => one.Start).ToArray();
        var written = writes.ToDictionary(Written, one => one.End!.Value);
        // For each write, the earliest answer of it and of all that were called later.
        var ends = writes.Select(one => one.End!.Value).ToArray();
        for (var i = ends.Length - 2; i >= 0; i--)
            ends[i] = Math.Min(ends[i], ends[i + 1]);
        var oldest = 0L;
        foreach (var read in register.Where(one => one.Function == "read"))
        {
            // A write without an answer may take effect at any time, so its value may be new.
            var end = long.MinValue;
            if (read.Result is { } value && !written.TryGetValue(value, out end))
                continue;
            var newer = Ordered.Count(writes, one => one.Start <= end);
            if (newer < ends.Length)
                oldest = Math.Max(oldest, read.Start - ends[newer]);
        }
        return oldest;
    }

    private static object Written(KlOperation write) => write.Value is IReadOnlyList<object?> pair ? pair[1]! : write.Value!;
}
