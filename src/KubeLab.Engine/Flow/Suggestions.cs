namespace KubeLab.Engine.Flow;

/// <summary>Suggests names for a misspelled one.</summary>
internal static class Suggestions
{
    private const int Most = 5;

    /// <summary>The names that contain the word or differ from it by few letters, closest first.</summary>
    public static IReadOnlyList<string> To(string word, IEnumerable<string> names) =>
        [.. (from name in names.Distinct()
            let distance = name.Contains(word, StringComparison.OrdinalIgnoreCase) || word.Contains(name, StringComparison.OrdinalIgnoreCase)
                ? 0 : Distance(word.ToLowerInvariant(), name.ToLowerInvariant())
            where distance <= Math.Max(2, word.Length / 3)
            orderby distance, name
            select name).Take(Most)];

    /// <summary>All names, most similar first. Suited to names of several words.</summary>
    public static IEnumerable<string> Ranked(string word, IEnumerable<string> names) =>
        names.Distinct().OrderByDescending(name => Similarity(name, word)).ThenBy(name => name, StringComparer.Ordinal);

    /// <summary>The end of a message: similar names, or else the available names.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> names) => To(word, names) is { Count: > 0 } near
        ? $"did you mean {string.Join(" or ", near)}?"
        : names.Count == 0 ? "available: none."
        : $"available: {string.Join(", ", names.Order(StringComparer.Ordinal).Take(3 * Most))}{(names.Count > 3 * Most ? ", ..." : "")}.";

    // Levenshtein distance, one row at a time.
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

    // Dice coefficient: the share of letter pairs that both names have.
    private static double Similarity(string one, string other)
    {
        static HashSet<string> Pairs(string text) =>
            [.. text.ToLowerInvariant().Zip(text.ToLowerInvariant().Skip(1), (a, b) => $"{a}{b}")];
        var (left, right) = (Pairs(one), Pairs(other));
        return 2.0 * left.Count(right.Contains) / Math.Max(1, left.Count + right.Count);
    }
}
