using System.Management.Automation;

namespace KubeLab.Cmdlets.Cluster;

/// <summary>Names as users give them.</summary>
internal static class Names
{
    /// <summary>Whether a name matches, wildcards and all.</summary>
    public static Func<string, bool> Matching(string pattern) => new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch;
}
