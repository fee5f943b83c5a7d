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

    [Fact]
    public void The_help_of_cmdlets_names_only_cmdlets_of_the_module()
    {
        var named = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "KubeLab"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).SelectMany(File.ReadLines)
            .Where(line => line.Contains("///", StringComparison.Ordinal))
            .SelectMany(line => CmdletName().Matches(line).Select(match => match.Value)).Distinct().ToList();
        Assert.Contains("Start-KlFault", named);
        Assert.All(named, name => Assert.True(Shell.Run($"Get-Command {name}").Output is [CommandInfo], name));
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

    [GeneratedRegex(@"\b[A-Z][a-z]+-\w*Kl[A-Z]\w*")]
    private static partial Regex CmdletName();

    // Blocks of PowerShell, and code within a line.
    [GeneratedRegex(@"^```powershell\n(?<code>.*?)^```|(?<!`)`(?<code>[^`\n]+)`(?!`)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();
}
