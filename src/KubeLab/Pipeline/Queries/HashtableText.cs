using System.Collections;

namespace KubeLab.Pipeline.Queries;

/// <summary>Hashtables of names and values as <see cref="HashtableTextAttribute"/> leaves them.</summary>
internal static class HashtableText
{
    /// <summary>A selector, of which PowerShell makes several texts where its commas are in no quotes.</summary>
    public static string? Joined(string[]? parts) => parts is null ? null : string.Join(',', parts);

    /// <summary>As text; a value of null is empty.</summary>
    public static Dictionary<string, string> Of(IDictionary? given) => OrNull(given).ToDictionary(entry => entry.Key, entry => entry.Value ?? "");

    /// <summary>As text; a value of null stays so, which takes the name out.</summary>
    public static Dictionary<string, string?> OrNull(IDictionary? given) =>
        (given ?? new Hashtable()).Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
}
