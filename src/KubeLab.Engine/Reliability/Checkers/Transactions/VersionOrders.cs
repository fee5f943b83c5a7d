using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>The order of the appends to each key. The longest read shows it, as far as no other read contradicts.</summary>
internal sealed class VersionOrders
{
    private readonly TransactionTable _table;
    private readonly int[] _position;
    private readonly int[] _agreed;
    private readonly bool[] _observed;
    private readonly bool[] _extended;

    public VersionOrders(TransactionTable table, CancellationToken stop)
    {
        (_table, _observed, _extended) = (table, new bool[table.Operations.Length], new bool[table.Steps.Count]);
        (_position, _agreed) = (new int[table.Steps.Count], new int[table.Steps.Count]);
        Array.Fill(_position, -1);
        Keys = new Version[table.Keys.Count];
        Array.Fill(Keys, new(-1, []));
        var appends = new int[Keys.Length];
        for (var step = 0; step < _position.Length; step++)
        {
            var (transaction, key, list, element) = table.Steps[step];
            if (element is not null)
            {
                // The number of the step before, plus 1.
                if (appends[key] > table.First[transaction])
                    _extended[appends[key] - 1] = true;
                appends[key] = step + 1;
            }
            if (list is not null && list.Count > (Keys[key].Read < 0 ? 0 : Length(Keys[key].Read)))
                Keys[key] = new(step, []);
        }
        for (var key = 0; key < Keys.Length; key++)
            Keys[key] = Resolve(key);
        for (var step = 0; step < _position.Length; step++)
        {
            if ((step & 0xfff) == 0)
                stop.ThrowIfCancellationRequested();
            Compare(step);
        }
    }

    /// <summary>The versions of each key.</summary>
    public Version[] Keys { get; }

    /// <summary>Whether the transaction committed: it completed, or its outcome is unknown and another transaction read what it appended.</summary>
    public bool IsCommitted(int transaction) => _table.IsOk(transaction) || (_observed[transaction] && !_table.IsFailed(transaction));

    /// <summary>The position of an append in the order of its key, or -1 if it is not known.</summary>
    public int Position(int append) => _position[append] < Keys[_table.Steps[append].Key].Known ? _position[append] : -1;

    /// <summary>Whether the longest read of a key has the element at a position earlier too.</summary>
    public bool IsRepeated(int key, int position) => _position[Keys[key].Appends[position]] < position;

    /// <summary>Whether the transaction of an append appended to the same key again later.</summary>
    public bool IsExtended(int append) => _extended[append];

    /// <summary>Whether an append is in the list of a read.</summary>
    public bool Contains(int read, int append) => _position[append] >= 0 && _position[append] < _agreed[read]
        || (!IsPrefix(read) && _table.Steps[read].List!.Skip(_agreed[read]).Contains(_table.Steps[append].Element, ValueComparer.Instance));

    /// <summary>The elements of a read that are the same as those of the longest read of its key.</summary>
    public int Agreed(int read) => _agreed[read];

    /// <summary>Whether a read is a beginning of the longest read of its key.</summary>
    public bool IsPrefix(int read) => _agreed[read] == Length(read);

    /// <summary>The append of the element at a position of a read, or -1 if nothing appended it.</summary>
    public int AppendAt(int read, int position)
    {
        var (_, key, list, _) = _table.Steps[read];
        return position < _agreed[read] ? Keys[key].Appends[position] : _table.AppendOf(key, list![position]);
    }

    /// <summary>The number of elements that a read returned.</summary>
    public int Length(int read) => _table.Steps[read].List!.Count;

    private Version Resolve(int key)
    {
        if (Keys[key].Read is not (>= 0 and var read))
            return Keys[key];
        var list = _table.Steps[read].List!;
        var (appends, known) = (new int[list.Count], list.Count);
        for (var position = 0; position < appends.Length; position++)
        {
            var append = appends[position] = _table.AppendOf(key, list[position]);
            if (append < 0)
                continue;
            _observed[_table.Steps[append].Transaction] = true;
            if (_position[append] < 0)
                _position[append] = position;
            else
                known = Math.Min(known, position);
        }
        return new(read, appends) { Known = known };
    }

    private void Compare(int step)
    {
        var (_, key, list, _) = _table.Steps[step];
        if (list is null || list.Count == 0)
            return;
        var (longest, same) = (_table.Steps[Keys[key].Read].List!, 0);
        if (ReferenceEquals(list, longest))
            same = list.Count;
        while (same < list.Count && AreEqual(list[same], longest[same]))
            same++;
        _agreed[step] = same;
        if (same == list.Count)
            return;
        Keys[key].Known = Math.Min(Keys[key].Known, same);
        for (var position = same; position < list.Count; position++)
        {
            if (_table.AppendOf(key, list[position]) is >= 0 and var append)
                _observed[_table.Steps[append].Transaction] = true;
        }
    }

    private static bool AreEqual(object? one, object? other) =>
        one is long number && other is long same ? number == same : ValueComparer.Instance.Equals(one, other);

    /// <summary>The versions of a key.</summary>
    /// <param name="Read">The longest read, or -1.</param>
    /// <param name="Appends">The append of each of its elements, or -1 if nothing appended it.</param>
    internal sealed record Version(int Read, int[] Appends)
    {
        /// <summary>How many elements all reads agree on. The order of the other ones is not known.</summary>
        public int Known { get; set; }
    }
}
