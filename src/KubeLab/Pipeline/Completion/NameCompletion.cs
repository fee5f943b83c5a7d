using System.Management.Automation;
using KubeLab.Engine.Kube;

namespace KubeLab.Pipeline.Completion;

/// <summary>Names as users give them.</summary>
internal static class NameCompletion
{
    /// <summary>Whether a name matches, wildcards and all.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static Func<string, bool> Matching(string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        try
        {
            // It is read when it is first used.
            wildcard.IsMatch("");
        }
        catch (WildcardPatternException error)
        {
            throw new KlException(ErrorIds.NameInvalid, KlErrorKind.InvalidInput, pattern, $"'{pattern}' is not a valid name or pattern.", "Close its bracket, or leave the bracket out.", error);
        }
        return wildcard.IsMatch;
    }

    /// <summary>A name, or null: PowerShell makes an empty text of $null, and an object of no namespace has one.</summary>
    public static string? OrNone(string? given) => string.IsNullOrEmpty(given) ? null : given;

    /// <summary>A field selector, with the name in it where there is one alone: it is asked for, not picked out of all.</summary>
    public static string? Selector(IReadOnlyList<string> names, string? fields, bool isLowerCase) =>
        names is [var one] && !WildcardPattern.ContainsWildcardCharacters(one)
            ? KubeSelector.Field("metadata.name", isLowerCase ? one.ToLowerInvariant() : one) + (string.IsNullOrEmpty(fields) ? "" : "," + fields) : fields;
}
