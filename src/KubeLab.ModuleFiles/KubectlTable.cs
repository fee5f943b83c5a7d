using System.Text.RegularExpressions;

namespace KubeLab.ModuleFiles;

/// <summary>The kubectl commands of each cmdlet, from the table in docs/kubectl.md. Get-Help finds a cmdlet by the words in its description.</summary>
internal static partial class KubectlTable
{
    private static readonly string[] OtherPrograms = ["kubeadm", "journalctl", "crictl"];

    /// <summary>Returns a sentence for each cmdlet of the table.</summary>
    public static IReadOnlyDictionary<string, string> Of(string markdown) =>
        (from line in markdown.Split('\n')
         where line.StartsWith("| `", StringComparison.Ordinal)
         let cells = Cell().Split(line.Trim('|', ' '))
         from code in Code().Matches(cells[1]).Select(match => match.Groups[1].Value)
         from statement in code.Split(';')
         where Cmdlet().IsMatch(statement)
         // The last cmdlet of a pipeline does what kubectl does.
         group Commands(cells[0]) by Cmdlet().Matches(statement)[^1].Value.Replace("Expose-KlService", "New-KlService", StringComparison.Ordinal))
        .ToDictionary(cmdlet => cmdlet.Key, cmdlet => $"Similar to {string.Join("; ", cmdlet.SelectMany(commands => commands).Distinct())}.");

    private static IEnumerable<string> Commands(string cell) => Code().Matches(cell).Select(match => match.Groups[1].Value)
        .Select(command => Array.Exists(OtherPrograms, program => command.StartsWith(program, StringComparison.Ordinal)) ? command : "kubectl " + command);

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b[A-Z][a-z]+-Kl[A-Z]\w*")]
    private static partial Regex Cmdlet();
}
