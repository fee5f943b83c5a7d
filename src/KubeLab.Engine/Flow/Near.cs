namespace KubeLab.Engine.Flow;

/// <summary>Names that someone may have meant.</summary>
internal static class Near
{
    private const int Most = 5;

    /// <summary>Those that hold the word or differ from it by few letters, nearest first.</summary>
    public static IReadOnlyList<string> To(string word, IEnumerable<string> names) =>
        [.. (from name in names.Distinct()
            let far = name.Contains(word, StringComparison.OrdinalIgnoreCase) || word.Contains(name, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(word.ToLowerInvariant(), name.ToLowerInvariant())
            where far <= Math.Max(2, word.Length / 3)
            orderby far, name
            select name).Take(Most)];

    /// <summary>As the end of a sentence: what was meant, or what there is.</summary>
    public static string Said(string word, IReadOnlyCollection<string> names) => To(word, names) is { Count: > 0 } near
        ? $"did you mean {string.Join(" or ", near)}?"
        : $"it has: {(names.Count == 0 ? "none" : string.Join(", ", names.Order(StringComparer.Ordinal).Take(3 * Most)) + (names.Count > 3 * Most ? ", ..." : ""))}.";

    // Levenshtein's, a row at a time.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (var i = 0; i < one.Length; i++)
        {
            var corner = row[0]++;
            for (var j = 0; j < other.Length; j++)
                (corner, row[j + 1]) = (row[j + 1], Math.Min(Math.Min(row[j], row[j + 1]) + 1, corner + (one[i] == other[j] ? 0 : 1)));
        }
        return row[^1];
    }
}
