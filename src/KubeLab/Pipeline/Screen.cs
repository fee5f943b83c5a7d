using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Prepares untrusted text for the module's views. On a terminal, control characters are made visible; a file gets the text unchanged.</summary>
public static class Screen
{
    /// <summary>Converts a property value or the elements of one.</summary>
    public static object? Text(object? value) => Shown(value, Printable.Text);

    /// <summary>Converts a line of program output and keeps its colors.</summary>
    public static object? Log(object? value) => Shown(value, Printable.Log);

    private static object? Shown(object? value, Func<string, string> print) => ((value as PSObject)?.BaseObject ?? value) switch
    {
        null => null,
        string text => print(text) is var shown && shown != text && IsTerminal() ? shown : text,
        IDictionary => value,
        IEnumerable many => many.Cast<object?>().Select(one => Shown(one, print)).ToArray(),
        var other => other.ToString() is { } text && Shown(text, print) is string shown && shown != text ? shown : value,
    };

    // Called only for text with control characters. A view cannot tell where its output goes, so the running statements are examined.
    private static bool IsTerminal()
    {
        if (Console.IsOutputRedirected)
            return false;
        foreach (var frame in Runspace.DefaultRunspace?.Debugger.GetCallStack() ?? [])
            if (Last(frame.Position?.Text) is { } last)
            {
                var name = (last as CommandAst)?.GetCommandName();
                if (IsOneOf(name, "Out-Host", "oh", "Out-Default"))
                    return true;
                if (IsOneOf(name, "Out-File") || last.Redirections.OfType<FileRedirectionAst>()
                    .Any(to => to.FromStream is RedirectionStream.Output or RedirectionStream.All))
                    return false;
            }
        return true;
    }

    private static bool IsOneOf(string? name, params string[] names) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    // The last command of a statement that consists of one pipeline.
    private static CommandBaseAst? Last(string? statement) =>
        statement is not null && Parser.ParseInput(statement, out _, out _).EndBlock?.Statements is [var only]
            ? ((only as AssignmentStatementAst)?.Right ?? only) is PipelineAst { PipelineElements: [.., var last] } ? last : null
            : null;
}
