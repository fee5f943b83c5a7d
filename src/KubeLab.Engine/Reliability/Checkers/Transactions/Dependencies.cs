namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>The dependencies between committed transactions.</summary>
/// <remarks>Adya's direct serialization graph, without predicates, and the orders of processes and of time. An append that no read shows comes after
/// all appends that reads show.</remarks>
internal sealed class Dependencies
{
    // A larger group of transactions that read and extended the same version becomes a ring, which has the same reachability.
    private const int MaxPairs = 32;
    private readonly TransactionTable _table;
    private readonly VersionOrders _orders;
    private readonly int[][] _before;
    private readonly int[][] _after;
    private readonly List<int>?[] _readers;
    private readonly List<int>?[] _appenders;
    private readonly Graph.Builder _edges;

    public Dependencies(TransactionTable table, VersionOrders orders)
    {
        (_table, _orders) = (table, orders);
        (_before, _after) = (new int[table.Keys.Count][], new int[table.Keys.Count][]);
        (_readers, _appenders) = (new List<int>?[table.Keys.Count], new List<int>?[table.Keys.Count]);
        var transactions = table.Operations.Length;
        _edges = new(transactions, 3 * transactions + 2 * table.Keys.Count);
        for (var key = 0; key < _before.Length; key++)
            AddVersions(key);
        for (var step = 0; step < table.Steps.Count; step++)
            AddStep(step);
        for (var key = 0; key < _before.Length; key++)
            AddUnread(key, 3 * transactions + 2 * key);
        int[] committed = [.. Enumerable.Range(0, transactions).Where(orders.IsCommitted)];
        foreach (var process in committed.GroupBy(transaction => table.Operations[transaction].Process))
            AddTimeline([.. process], transactions, Relation.Process);
        AddTimeline(committed, 2 * transactions, Relation.Realtime);
        HasData = _edges.HasData;
        Graph = _edges.Build();
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Whether a dependency follows from what transactions read.</summary>
    public bool HasData { get; }

    /// <summary>The committed append at or before a position in the order of a key, or -1.</summary>
    public int Before(int key, int position) => position < 0 ? -1 : _before[key][Math.Min(position, _orders.Keys[key].Known)];

    /// <summary>The committed append at or after a position in the order of a key, or -1.</summary>
    public int After(int key, int position) => _after[key][position];

    /// <summary>The last append in the order of a key, or -1.</summary>
    public int Last(int key) => Before(key, _orders.Keys[key].Known);

    /// <summary>Whether a read returned a version whose position is known.</summary>
    public bool IsVersion(int read) => _orders.IsPrefix(read) && _orders.Length(read) <= _orders.Keys[_table.Steps[read].Key].Known;

    /// <summary>The committed append whose version a read returned, or -1.</summary>
    public int Source(int read) => IsVersion(read) ? Before(_table.Steps[read].Key, _orders.Length(read) - 1)
        : _orders.AppendAt(read, _orders.Length(read) - 1) is >= 0 and var append && IsLive(append) ? append
        : -1;

    private bool IsLive(int append) => append >= 0 && _orders.IsCommitted(_table.Steps[append].Transaction);

    private void AddVersions(int key)
    {
        var (version, last) = (_orders.Keys[key], -1);
        var (before, after) = (_before[key] = new int[version.Known + 1], _after[key] = new int[version.Known + 1]);
        for (var position = 0; position < version.Known; position++)
        {
            var append = version.Appends[position];
            if (IsLive(append))
            {
                AddWrite(last, append);
                last = append;
            }
            before[position] = last;
        }
        before[version.Known] = last;
        after[version.Known] = -1;
        for (var position = version.Known - 1; position >= 0; position--)
            after[position] = IsLive(version.Appends[position]) ? version.Appends[position] : after[position + 1];
    }

    private void AddStep(int step)
    {
        var (transaction, key, list, element) = _table.Steps[step];
        if (element is not null && _orders.IsCommitted(transaction) && _orders.Position(step) < 0)
        {
            AddWrite(Last(key), step);
            AddOnce(ref _appenders[key], transaction);
        }
        if (list is null)
            return;
        if (list.Count > 0 && Source(step) is >= 0 and var source && _table.Steps[source].Transaction != transaction)
            _edges.Add(_table.Steps[source].Transaction, transaction, Relation.Wr);
        if (!IsVersion(step))
            return;
        if (After(key, list.Count) is not (>= 0 and var next))
            AddOnce(ref _readers[key], transaction);
        else if (_table.Steps[next].Transaction != transaction)
            _edges.Add(transaction, _table.Steps[next].Transaction, Relation.Rw);
    }

    private void AddWrite(int append, int next)
    {
        if (append < 0)
            return;
        var (from, to) = (_table.Steps[append].Transaction, _table.Steps[next].Transaction);
        if (from != to)
            _edges.Add(from, to, _table.IsOk(from) && _table.IsOk(to) ? Relation.Ww : Relation.WwUnknown);
    }

    private static void AddOnce(ref List<int>? list, int transaction)
    {
        list ??= [];
        if (list.Count == 0 || list[^1] != transaction)
            list.Add(transaction);
    }

    // All readers of the last known version are before all whose appends no read shows. Auxiliary nodes keep the number of edges linear.
    private void AddUnread(int key, int node)
    {
        if (_readers[key] is not { } readers || _appenders[key] is not { } appenders)
            return;
        HashSet<int> both = [.. readers];
        both.IntersectWith(appenders);
        foreach (var reader in readers)
        {
            _edges.Add(reader, node, Relation.Rw);
            if (!both.Contains(reader))
                _edges.Add(reader, node + 1, Relation.Rw);
        }
        foreach (var appender in appenders)
            _edges.Add(both.Contains(appender) ? node + 1 : node, appender, Relation.Pass);
        int[] pairs = [.. both];
        for (var one = 0; one < pairs.Length; one++)
        {
            for (var distance = 1; distance < Math.Min(pairs.Length, MaxPairs); distance++)
                _edges.Add(pairs[one], pairs[(one + distance) % pairs.Length], Relation.Rw);
        }
    }

    // A chain of auxiliary nodes, one for each call: a transaction leads to the first call after its end. This is linear for any number of clients.
    private void AddTimeline(int[] transactions, int node, Relation relation)
    {
        for (var at = 0; at < transactions.Length; at++)
        {
            var transaction = transactions[at];
            _edges.Add(node + transaction, transaction, Relation.Pass);
            if (at + 1 < transactions.Length)
                _edges.Add(node + transaction, node + transactions[at + 1], Relation.Pass);
            if (FirstAfter(transactions, transaction) is var next && next < transactions.Length)
                _edges.Add(transaction, node + transactions[next], relation);
        }
    }

    private int FirstAfter(int[] transactions, int transaction)
    {
        if (!_table.IsOk(transaction) || _table.Operations[transaction].End is not { } end)
            return transactions.Length;
        end = Math.Max(end, _table.Operations[transaction].Start);
        return Ordered.Count(transactions, other => _table.Operations[other].Start <= end);
    }
}
