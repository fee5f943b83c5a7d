namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Finds what cannot be seen as a cycle: reads of what was never or not finally written, and what contradicts itself.</summary>
internal sealed class ReadAnomalies
{
    private readonly TransactionTable _table;
    private readonly VersionOrders _orders;
    private readonly Dependencies _dependencies;
    private readonly AnomalyText _text;
    private readonly int _most;
    private readonly Dictionary<string, int> _counts = [];
    private readonly HashSet<(string Name, int Of)> _reported = [];

    // For each step: the step, the read and the append before it in the transaction with the same key, or -1.
    private readonly int[] _previous;
    private readonly int[] _lastRead;
    private readonly int[] _lastAppend;

    public ReadAnomalies(TransactionTable table, VersionOrders orders, Dependencies dependencies, AnomalyText text, int most, CancellationToken stop)
    {
        (_table, _orders, _dependencies, _text, _most) = (table, orders, dependencies, text, most);
        (_previous, _lastRead, _lastAppend) = (new int[table.Steps.Count], new int[table.Steps.Count], new int[table.Steps.Count]);
        Connect();
        var (seen, updates) = (new int[table.Keys.Count], new Dictionary<(int Key, int Version), int>());
        for (var step = 0; step < _previous.Length; step++)
        {
            if ((step & 0xfff) == 0)
                stop.ThrowIfCancellationRequested();
            if (table.Steps[step].List is { } list)
                CheckRead(step, list, seen);
            else if (table.Steps[step].Element is not null && orders.IsCommitted(table.Steps[step].Transaction))
                CheckAppend(step, updates);
        }
        for (var key = 0; key < seen.Length; key++)
            CheckAborted(key);
    }

    /// <summary>The anomalies.</summary>
    public List<KlAnomaly> Found { get; } = [];

    private void Connect()
    {
        var last = new int[_table.Keys.Count];
        Array.Fill(last, -1);
        for (var step = 0; step < _previous.Length; step++)
        {
            var (transaction, key, _, _) = _table.Steps[step];
            var previous = _previous[step] = last[key] >= _table.First[transaction] ? last[key] : -1;
            _lastRead[step] = previous < 0 || _table.Steps[previous].List is not null ? previous : _lastRead[previous];
            _lastAppend[step] = previous < 0 || _table.Steps[previous].Element is not null ? previous : _lastAppend[previous];
            last[key] = step;
        }
    }

    private void CheckRead(int read, IReadOnlyList<object?> list, int[] seen)
    {
        var (transaction, key, _, _) = _table.Steps[read];
        CheckInternal(read);
        if (list.Count == 0)
            return;
        // What other reads of the key have shown too was checked with them.
        for (var position = Math.Min(seen[key], _orders.Agreed(read)); position < list.Count; position++)
            CheckElement(read, position);
        seen[key] = Math.Max(seen[key], _orders.Agreed(read));
        if (_orders.AppendAt(read, list.Count - 1) is >= 0 and var last && _orders.IsExtended(last) && _table.Steps[last].Transaction is var writer
            && writer != transaction)
            Add("G1b", last, [transaction, writer], names => $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)}, but "
                + $"{names(writer)}, which appended {_text.Element(last)}, appended more to this key.");
        if (_orders.IsPrefix(read))
            return;
        var longest = _orders.Keys[key].Read;
        var other = _table.Steps[longest].Transaction;
        Add("incompatible-order", key, [transaction, other], names => $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)}, and "
            + $"{names(other)} read it as {_text.List(longest)}: neither is the beginning of the other.");
        if (list.Distinct(History.ValueComparer.Instance).Count() < list.Count)
            AddDuplicate(read);
    }

    private void CheckElement(int read, int position)
    {
        var (transaction, key, list, _) = _table.Steps[read];
        var append = _orders.AppendAt(read, position);
        if (append < 0)
        {
            Add("garbage-read", key, [transaction], names => $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)}, but nothing "
                + $"appended {Values.Text(list![position])}.");
            return;
        }
        var writer = _table.Steps[append].Transaction;
        if (_table.IsFailed(writer))
            Add("G1a", append, [transaction, writer], names => $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)}, but "
                + $"{names(writer)}, which appended {_text.Element(append)}, was aborted.");
        if (position < _orders.Agreed(read) && _orders.IsRepeated(key, position))
            AddDuplicate(read);
    }

    private void AddDuplicate(int read) => Add("duplicate-elements", _table.Steps[read].Key, [_table.Steps[read].Transaction], names =>
        $"{names(_table.Steps[read].Transaction)} read key {_text.Key(read)} as {_text.List(read)}, which has an element twice that was appended once.");

    // The axiom INT of A. Cerone, G. Bernardi and A. Gotsman, "A Framework for Transactional Consistency Models with Atomic Visibility", CONCUR 2015.
    private void CheckInternal(int read)
    {
        var (last, step, holds) = (_orders.Length(read) - 1, _previous[read], true);
        for (; step >= 0 && _table.Steps[step].List is null; step = _previous[step])
            holds = holds && last >= 0 && _orders.AppendAt(read, last--) == step;
        var transaction = _table.Steps[read].Transaction;
        if (!holds || (step >= 0 && (last + 1 != _orders.Length(step) || !StartsWith(read, step))))
            Add("internal", transaction, [transaction], names => $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)}, "
                + "which contradicts what it had read from or appended to this key before.");
    }

    private bool StartsWith(int read, int earlier)
    {
        var (list, start) = (_table.Steps[read].List!, _table.Steps[earlier].List!);
        for (var position = Math.Min(_orders.Agreed(read), _orders.Agreed(earlier)); position < start.Count; position++)
        {
            if (!History.ValueComparer.Instance.Equals(list[position], start[position]))
                return false;
        }
        return true;
    }

    private void CheckAppend(int append, Dictionary<(int Key, int Version), int> updates)
    {
        var (transaction, key, _, _) = _table.Steps[append];
        var read = _lastRead[append];
        if (read >= 0 && _orders.Contains(read, append))
            Add("future-read", append, [transaction], names =>
                $"{names(transaction)} read key {_text.Key(read)} as {_text.List(read)} before it appended {_text.Element(append)}.");
        if (_lastAppend[append] >= 0)
            CheckProgramOrder(_lastAppend[append], append);
        else if (read >= 0 && FirstOf(read) is var first && _dependencies.IsVersion(first)
            && !updates.TryAdd((key, _orders.Length(first)), append) && updates[(key, _orders.Length(first))] is var other)
            Add("lost-update", other, [transaction, _table.Steps[other].Transaction], names =>
                $"{names(_table.Steps[other].Transaction)} and {names(transaction)} both read key {_text.Key(append)} as {_text.List(first)}, and then "
                + $"appended {_text.Element(other)} and {_text.Element(append)}: one of them did not see the other.");
    }

    private int FirstOf(int step)
    {
        while (_previous[step] >= 0)
            step = _previous[step];
        return step;
    }

    private void CheckProgramOrder(int first, int second)
    {
        var (before, after, transaction) = (_orders.Position(first), _orders.Position(second), _table.Steps[first].Transaction);
        if (after < 0 || (before >= 0 && before < after))
            return;
        // If its outcome is unknown, it may have been aborted, and its part was read.
        Add(_table.IsOk(transaction) ? "cyclic-versions" : "G1a", first, [transaction], names =>
            $"{names(transaction)} appended {_text.Element(first)} and then {_text.Element(second)} to key {_text.Key(first)}, but reads show "
            + $"{_text.Element(second)} without {_text.Element(first)} before it.");
    }

    private void CheckAborted(int key)
    {
        var aborted = -1;
        for (var position = 0; position < _orders.Keys[key].Known; position++)
        {
            var append = _orders.Keys[key].Appends[position];
            if (append < 0)
                continue;
            var (writer, failed) = (_table.Steps[append].Transaction, aborted);
            if (_table.IsFailed(writer))
                aborted = failed < 0 ? append : failed;
            else if (failed >= 0 && _table.IsOk(writer))
            {
                var dirty = _table.Steps[failed].Transaction;
                Add("dirty-update", failed, [writer, dirty], names => $"{names(writer)} appended {_text.Element(append)} to key {_text.Key(append)} after "
                    + $"{names(dirty)} had appended {_text.Element(failed)}, but {names(dirty)} was aborted.");
                aborted = -1;
            }
        }
    }

    // One anomaly of a name for each thing that it is about.
    private void Add(string name, int about, int[] transactions, Func<Func<int, string>, string> message)
    {
        if (_counts.GetValueOrDefault(name) >= _most || !_reported.Add((name, about)))
            return;
        _counts[name] = _counts.GetValueOrDefault(name) + 1;
        Found.Add(_text.Of(name, transactions, message));
    }
}
