using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>The transactions of a history in arrays: an entry a transaction, an entry a step.</summary>
internal sealed class TransactionTable
{
    private const string Expected = "Each step is [\"append\", key, element] or [\"r\", key, list]. The result repeats the steps with what they read.";
    private static readonly object?[] Nothing = [];
    private readonly Dictionary<object, int> _keys = new(ValueComparer.Instance);
    private readonly Dictionary<(int Key, object Element), int> _appends = new(AppendComparer.Instance);
    private readonly List<object> _names = [];

    public TransactionTable(IReadOnlyList<KlOperation> history, CancellationToken stop)
    {
        Operations = [.. history.Where(operation => operation.Function == "txn").OrderBy(operation => operation.Start).ThenBy(operation => operation.Index)];
        First = new int[Operations.Length + 1];
        for (var transaction = 0; transaction < Operations.Length; transaction++)
        {
            if ((transaction & 0xfff) == 0)
                stop.ThrowIfCancellationRequested();
            Read(transaction);
            First[transaction + 1] = Steps.Count;
        }
    }

    /// <summary>The transactions, in the order of their calls.</summary>
    public KlOperation[] Operations { get; }

    /// <summary>The first step of each transaction, and the number of steps.</summary>
    public int[] First { get; }

    /// <summary>All steps.</summary>
    public List<Step> Steps { get; } = [];

    /// <summary>The keys.</summary>
    public IReadOnlyList<object> Keys => _names;

    /// <summary>A step that appends what another step appended, or null.</summary>
    public int? Repeated { get; private set; }

    /// <summary>Whether the transaction is known to be committed.</summary>
    public bool IsOk(int transaction) => Operations[transaction].Outcome == KlOutcome.Ok;

    /// <summary>Whether the transaction is known to be aborted.</summary>
    public bool IsFailed(int transaction) => Operations[transaction].Outcome == KlOutcome.Fail;

    /// <summary>The step that appends the element to the key, or -1.</summary>
    public int AppendOf(int key, object? element) => element is not null && _appends.TryGetValue((key, element), out var step) ? step : -1;

    private void Read(int transaction)
    {
        var operation = Operations[transaction];
        if ((operation.Outcome == KlOutcome.Ok ? operation.Result : operation.Value) is not IReadOnlyList<object?> steps)
            throw ModelError.Of(operation, "has no list of steps", Expected);
        foreach (var item in steps)
        {
            if (item is not IReadOnlyList<object?> { Count: 3 } step || step[1] is not { } name)
                throw ModelError.Of(operation, "has a step that is not a list of a function, a key and a value", Expected);
            if (!_keys.TryGetValue(name, out var key))
            {
                _keys.Add(name, key = _names.Count);
                _names.Add(name);
            }
            Steps.Add((step[0], step[2]) switch
            {
                ("append", { } element) => Append(transaction, key, element),
                // What a transaction read is known only if it completed.
                ("r", null) => new(transaction, key, operation.Outcome == KlOutcome.Ok ? Nothing : null, null),
                ("r", IReadOnlyList<object?> list) => new(transaction, key, operation.Outcome == KlOutcome.Ok ? list : null, null),
                _ => throw ModelError.Of(operation, $"has a step '{step[0]}' that is not valid", Expected),
            });
        }
    }

    private Step Append(int transaction, int key, object element)
    {
        if (!_appends.TryAdd((key, element), Steps.Count))
            Repeated ??= Steps.Count;
        return new(transaction, key, null, element);
    }

    /// <summary>A step.</summary>
    /// <param name="Transaction">Its transaction.</param>
    /// <param name="Key">The key.</param>
    /// <param name="List">What it read, or null if it is an append or the transaction did not complete.</param>
    /// <param name="Element">What it appends, or null if it is a read.</param>
    internal readonly record struct Step(int Transaction, int Key, IReadOnlyList<object?>? List, object? Element);

    private sealed class AppendComparer : IEqualityComparer<(int Key, object Element)>
    {
        public static AppendComparer Instance { get; } = new();

        public bool Equals((int Key, object Element) x, (int Key, object Element) y) => x.Key == y.Key && ValueComparer.Instance.Equals(x.Element, y.Element);

        public int GetHashCode((int Key, object Element) obj) => HashCode.Combine(obj.Key, ValueComparer.Instance.GetHashCode(obj.Element));
    }
}
