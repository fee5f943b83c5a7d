namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Searches in lists that are in order.</summary>
internal static class Ordered
{
    /// <summary>Returns how many items at the start of a list satisfy a condition that no later item satisfies.</summary>
    public static int Count<T>(IReadOnlyList<T> items, Func<T, bool> condition)
    {
        var (low, high) = (0, items.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (condition(items[middle]))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
