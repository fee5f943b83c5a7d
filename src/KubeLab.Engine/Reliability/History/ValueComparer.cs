namespace KubeLab.Engine.Reliability.History;

/// <summary>Compares the values of operations by content: lists element by element, maps entry by entry.</summary>
public sealed class ValueComparer : IEqualityComparer<object?>
{
    private ValueComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static ValueComparer Instance { get; } = new();

    /// <inheritdoc/>
    public new bool Equals(object? x, object? y) => (x, y) switch
    {
        (IReadOnlyList<object?> left, IReadOnlyList<object?> right) => left.SequenceEqual(right, this),
        (IReadOnlyDictionary<object, object?> left, IReadOnlyDictionary<object, object?> right) => left.Count == right.Count
            && left.All(entry => right.TryGetValue(entry.Key, out var other) && Equals(entry.Value, other)),
        _ => object.Equals(x, y),
    };

    /// <inheritdoc/>
    public int GetHashCode(object? obj) => obj switch
    {
        null => 0,
        IReadOnlyList<object?> list => list.Aggregate(list.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        // The order of entries does not matter.
        IReadOnlyDictionary<object, object?> map => map.Aggregate(map.Count,
            (hash, entry) => hash ^ HashCode.Combine(GetHashCode(entry.Key), GetHashCode(entry.Value))),
        _ => obj.GetHashCode(),
    };
}
