using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote.Config;

/// <summary>Patterns with * and ?, as in ssh_config(5).</summary>
internal static class Patterns
{
    /// <summary>Whether a pattern matches the text and no negated (!) pattern does.</summary>
    public static bool Match(IEnumerable<string> patterns, string text, bool ignoreCase = false)
    {
        var all = patterns.ToList();
        return all.Any(pattern => Is(pattern, text, ignoreCase)) && !all.Any(pattern => pattern.StartsWith('!') && Is(pattern[1..], text, ignoreCase));
    }

    private static bool Is(string pattern, string text, bool ignoreCase) => Regex.IsMatch(text,
        $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal)}\\z",
        RegexOptions.Singleline | RegexOptions.NonBacktracking | (ignoreCase ? RegexOptions.IgnoreCase | RegexOptions.CultureInvariant : 0));
}
