using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote.Config;

/// <summary>Expands patterns as in glob(7): *, ? and [...] in any part of the path. They do not match a leading dot.</summary>
internal static class Glob
{
    /// <summary>The matching files in order.</summary>
    /// <param name="pattern">An absolute path.</param>
    public static IEnumerable<string> Files(string pattern)
    {
        var root = Path.GetPathRoot(pattern)!;
        IEnumerable<string> found = [root];
        foreach (var part in pattern[root.Length..].Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Where(part => part is not ""))
            found = [.. found.SelectMany(folder => Step(folder, part))];
        return found.Where(File.Exists);
    }

    private static List<string> Step(string folder, string part)
    {
        if (part.IndexOfAny(['*', '?', '[', '\\']) < 0)
            return [Path.Combine(folder, part)];
        try
        {
            var expression = Expression(part);
            return !Directory.Exists(folder) ? [] : [.. Directory.GetFileSystemEntries(folder)
                .Where(entry => Path.GetFileName(entry) is var name && (name[0] != '.' || part[0] == '.') && expression.IsMatch(name))
                .Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static Regex Expression(string part)
    {
        var text = new StringBuilder("^");
        for (var at = 0; at < part.Length; at++)
        {
            // A leading ] is a member of the set.
            var end = part[at] == '[' ? part.IndexOf(']', Math.Min(part.Length, at + (at + 1 < part.Length && part[at + 1] is '!' or '^' ? 3 : 2))) : -1;
            if (end > 0)
            {
                var set = part[(at + 1)..end];
                var isNegated = set[0] is '!' or '^';
                var members = (isNegated ? set[1..] : set).Replace(@"\", @"\\", StringComparison.Ordinal)
                    .Replace("[", @"\[", StringComparison.Ordinal).Replace("]", @"\]", StringComparison.Ordinal);
                text.Append('[').Append(isNegated ? "^" : "").Append(members).Append(']');
                at = end;
            }
            else
            {
                text.Append(part[at] switch
                {
                    '*' => ".*",
                    '?' => ".",
                    '\\' when at + 1 < part.Length => Regex.Escape(part[++at].ToString()),
                    var other => Regex.Escape(other.ToString()),
                });
            }
        }
        return new(text.Append("\\z").ToString(), RegexOptions.Singleline | RegexOptions.NonBacktracking);
    }
}
