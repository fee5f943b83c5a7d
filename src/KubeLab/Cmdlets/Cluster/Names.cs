using System.Management.Automation;

namespace KubeLab.Cmdlets.Cluster;

/// <summary>Names as users give them.</summary>
internal static class Names
{
    /// <summary>Whether a name matches, wildcards and all.</summary>
    public static Func<string, bool> Matching(string pattern) => new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch;

    /// <summary>A field selector, with the name in it where there is one alone: it is asked for, not picked out of all.</summary>
    public static string? Selector(string[] names, string? fields) =>
        names is [var one] && !WildcardPattern.ContainsWildcardCharacters(one) ? $"metadata.name={one}{(string.IsNullOrEmpty(fields) ? "" : "," + fields)}" : fields;
}
