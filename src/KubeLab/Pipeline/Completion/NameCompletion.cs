using System.Management.Automation;
using KubeLab.Engine.Kube;

namespace KubeLab.Pipeline.Completion;

/// <summary>Names and patterns from users.</summary>
internal static class NameCompletion
{
    /// <summary>Returns a predicate that matches names against a wildcard pattern.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static Func<string, bool> Matching(string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        try
        {
            // WildcardPattern parses the pattern at its first use.
            wildcard.IsMatch("");
        }
        catch (WildcardPatternException error)
        {
            throw new KlException(ErrorIds.NameInvalid, KlErrorKind.InvalidInput, pattern, $"'{pattern}' is not a valid name or pattern.",
                "Close or remove the bracket.", error);
        }
        return wildcard.IsMatch;
    }

    /// <summary>Returns null for an empty name: PowerShell converts $null to an empty string.</summary>
    public static string? NullIfEmpty(string? given) => string.IsNullOrEmpty(given) ? null : given;

    /// <summary>Adds a single name without wildcards to a field selector, so that the server returns only this object.</summary>
    public static string? Selector(IReadOnlyList<string> names, string? fields, bool isLowerCase) =>
        names is [var one] && !WildcardPattern.ContainsWildcardCharacters(one)
            ? KubeSelector.Field("metadata.name", isLowerCase ? one.ToLowerInvariant() : one) + (string.IsNullOrEmpty(fields) ? "" : "," + fields) : fields;
}
