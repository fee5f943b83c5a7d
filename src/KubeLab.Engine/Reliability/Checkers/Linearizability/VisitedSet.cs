namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>The configurations that a search has visited: a hash table of entries of the same number of words, in one array.</summary>
internal sealed class VisitedSet(int words, SearchBudget budget) : IDisposable
{
    private const int FirstCapacity = 64;
    private readonly int _stride = words + 1;
    private ulong[] _entries = new ulong[FirstCapacity * (words + 1)];
    private int _capacity = FirstCapacity;
    private int _count;
    private long _taken;

    /// <summary>Adds a configuration.</summary>
    /// <param name="head">The position and the state. Not 0.</param>
    /// <param name="mask">The pending operations that are linearized.</param>
    /// <returns>Whether it is new.</returns>
    public bool Add(ulong head, ReadOnlySpan<ulong> mask)
    {
        if (_count > _capacity / 8 * 5)
            Grow();
        var place = Find(head, mask);
        if (_entries[place] != 0)
            return false;
        _entries[place] = head;
        mask.CopyTo(_entries.AsSpan(place + 1));
        _count++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => budget.Return(_taken);

    private int Find(ulong head, ReadOnlySpan<ulong> mask)
    {
        var hash = head * 0x9E3779B97F4A7C15;
        foreach (var word in mask)
            hash = (hash ^ word ^ hash >> 29) * 0xBF58476D1CE4E5B9;
        hash ^= hash >> 32;
        for (var slot = (int)(hash & (uint)(_capacity - 1)); ; slot = (slot + 1) & (_capacity - 1))
        {
            var place = slot * _stride;
            if (_entries[place] == 0 || (_entries[place] == head && _entries.AsSpan(place + 1, mask.Length).SequenceEqual(mask)))
                return place;
        }
    }

    private void Grow()
    {
        if ((long)_capacity * 2 * _stride > Array.MaxLength)
        {
            budget.Take(long.MaxValue / 2);
            return;
        }
        var old = _entries;
        _capacity *= 2;
        var size = (long)_capacity * _stride * sizeof(ulong);
        budget.Take(size - _taken);
        _taken = size;
        _entries = new ulong[_capacity * _stride];
        for (var place = 0; place < old.Length; place += _stride)
            if (old[place] != 0)
                old.AsSpan(place, _stride).CopyTo(_entries.AsSpan(Find(old[place], old.AsSpan(place + 1, _stride - 1))));
    }
}
