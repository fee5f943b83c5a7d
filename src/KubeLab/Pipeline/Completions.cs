using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Names as completions for a prompt. A name from the server must not become a command.</summary>
internal static class Completions
{
    /// <summary>Those that begin with what was typed, in quotes where they need them. What cannot be printed is not offered.</summary>
    /// <param name="names">What there is.</param>
    /// <param name="word">What was typed, quotes and all.</param>
    /// <param name="before">What comes before each name.</param>
    public static IReadOnlyList<CompletionResult> Of(IEnumerable<string?> names, string word, string before = "") =>
        [.. from name in names.OfType<string>()
            where name.Length > 0 && name.StartsWith(word.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase) && Printable.Text(name) == name && !name.Contains('\n', StringComparison.Ordinal)
            select new CompletionResult(Typed(before + name), name, CompletionResultType.ParameterValue, name)];

    private static string Typed(string name) =>
        char.IsLetterOrDigit(name[0]) && name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or '@') ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
