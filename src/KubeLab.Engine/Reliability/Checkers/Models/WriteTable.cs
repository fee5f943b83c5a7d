using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>The writes of a history by value, and what each client had written and read before a time.</summary>
internal sealed class WriteTable
{
    private readonly Dictionary<object, KlOperation> _writes = new(ValueComparer.Instance);
    private readonly Dictionary<object, List<(long Start, KlOperation Write)>> _before = new(ValueComparer.Instance);

    /// <param name="operations">The reads and writes, in the order of their calls.</param>
    public WriteTable(KlOperation[] operations)
    {
        foreach (var write in operations.Where(one => one.Function == "write"))
        {
            if (!_writes.TryAdd(Pair(write.Key, write.Value), write))
                Repeated ??= write;
        }
        foreach (var operation in operations.Where(one => one.Outcome == KlOutcome.Ok))
        {
            var isRead = operation.Function == "read";
            if ((isRead ? Of(operation) : operation) is not { } write)
                continue;
            var place = Place(operation.Process, operation.Key, isRead);
            if (!_before.TryGetValue(place, out var list))
                _before.Add(place, list = []);
            list.Add((operation.Start, list.Count > 0 && list[^1].Write.Start > write.Start ? list[^1].Write : write));
        }
    }

    /// <summary>A write of a value that another write has too, or null.</summary>
    public KlOperation? Repeated { get; }

    /// <summary>The write whose value a read returned, or null.</summary>
    public KlOperation? Of(KlOperation read) => _writes.GetValueOrDefault(Pair(read.Key, read.Result));

    /// <summary>Whether a read returned a value that is older than a write.</summary>
    public bool IsOlder(KlOperation read, KlOperation write) => Of(read) is not { } source || (source.Outcome == KlOutcome.Ok && source.End < write.Start);

    /// <summary>The last write to a key that the client of <paramref name="write"/> had completed before, or null.</summary>
    public KlOperation? Written(KlOperation write, object? key) => Before(write, key, false);

    /// <summary>The newest write to a key that the client of <paramref name="write"/> had read before, or null.</summary>
    public KlOperation? Read(KlOperation write, object? key) => Before(write, key, true);

    private KlOperation? Before(KlOperation write, object? key, bool isRead)
    {
        if (!_before.TryGetValue(Place(write.Process, key, isRead), out var list))
            return null;
        var count = Ordered.Count(list, one => one.Start < write.Start);
        return count == 0 ? null : list[count - 1].Write;
    }

    private static object?[] Pair(object? key, object? value) => [key, value];

    private static object?[] Place(int process, object? key, bool isRead) => [process, key, isRead];
}
