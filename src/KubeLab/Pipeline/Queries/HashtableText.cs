using System.Collections;

namespace KubeLab.Pipeline.Queries;

/// <summary>Converts hashtables whose values <see cref="HashtableTextAttribute"/> has converted to strings.</summary>
internal static class HashtableText
{
    /// <summary>Joins the parts of a selector: PowerShell splits it at unquoted commas.</summary>
    public static string? Joined(string[]? parts) => parts is null ? null : string.Join(',', parts);

    /// <summary>Returns names and values. A null value becomes an empty string.</summary>
    public static Dictionary<string, string> Of(IDictionary? given) => OrNull(given).ToDictionary(entry => entry.Key, entry => entry.Value ?? "");

    /// <summary>Returns names and values. A null value stays null and means that the name is removed.</summary>
    public static Dictionary<string, string?> OrNull(IDictionary? given) =>
        (given ?? new Hashtable()).Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
}
