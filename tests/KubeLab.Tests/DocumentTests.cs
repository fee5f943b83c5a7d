using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>The commands in the documents.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents =>
        [.. new[] { "README.md" }.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}"))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_have_the_cmdlets_and_parameters_of_the_module(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var wrong = Code().Matches(text).SelectMany(code => Problems(code.Groups["code"].Value.Replace("\\|", "|", StringComparison.Ordinal))).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Problems(string code)
    {
        var script = Parser.ParseInput(code, out _, out var errors);
        foreach (var command in script.FindAll(one => one is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .Where(one => one.GetCommandName() is { } name && name.Contains("-Kl", StringComparison.Ordinal)))
            if (Shell.Run($"Get-Command {command.GetCommandName()}").Output is not [CommandInfo known, ..])
                yield return $"{command.GetCommandName()} is not a command: {code}";
            else
                foreach (var parameter in command.CommandElements.OfType<CommandParameterAst>().Where(one => !Has(known, one.ParameterName)))
                    yield return $"{known.Name} has no parameter -{parameter.ParameterName}: {code}";
        if (code.Contains("-Kl", StringComparison.Ordinal) && errors.Length > 0)
            yield return $"{errors[0].Message} {code}";
    }

    private static bool Has(CommandInfo command, string name) =>
        command.Parameters.Values.Any(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            || one.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

    // Blocks of PowerShell, and code within a line.
    [GeneratedRegex(@"^```powershell\n(?<code>.*?)^```|(?<!`)`(?<code>[^`\n]+)`(?!`)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();
}
