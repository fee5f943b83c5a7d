using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Completion results for names. A name from a server must not be executed as a command.</summary>
internal static class Completions
{
    /// <summary>Returns the names that start with the typed word, quoted if necessary. Names with unprintable characters are omitted.</summary>
    /// <param name="names">The available names.</param>
    /// <param name="word">The typed word, with its quotes.</param>
    /// <param name="before">A prefix for each name.</param>
    public static IReadOnlyList<CompletionResult> Of(IEnumerable<string?> names, string word, string before = "") =>
        [.. from name in names.OfType<string>()
            where name.Length > 0 && name.StartsWith(word.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase) && Printable.Text(name) == name
                && !name.Contains('\n', StringComparison.Ordinal)
            select new CompletionResult(Quote(before + name), name, CompletionResultType.ParameterValue, name)];

    /// <summary>Queries names and returns those that start with the typed word. Returns none if the query fails or takes too long, because errors must not
    /// appear while a user types.</summary>
    /// <param name="timeout">The maximum time.</param>
    /// <param name="word">The typed word, with its quotes.</param>
    /// <param name="before">A prefix for each name.</param>
    /// <param name="query">Returns the available names.</param>
    public static IReadOnlyList<CompletionResult> Query(
        TimeSpan timeout, string word, string before, Func<CancellationToken, Task<IEnumerable<string?>>> query)
    {
        using var timer = new CancellationTokenSource(timeout, LabEngine.Shared.Clock);
        try
        {
            // PowerShell calls a completer synchronously on the prompt's thread.
            return Of(Task.Run(() => query(timer.Token)).GetAwaiter().GetResult(), word, before);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            return [];
        }
    }

    private static string Quote(string name) =>
        char.IsLetterOrDigit(name[0]) && name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or '@') ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
