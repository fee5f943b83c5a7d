using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace KubeLab.Host;

/// <summary>What the host was asked to run, in the words of pwsh.</summary>
internal sealed partial record CommandLine
{
    /// <summary>The exit code of a command line that is none (pwsh's; EX_USAGE of sysexits.h).</summary>
    public const int UsageError = 64;

    public const string Usage = "Usage: KubeLab.Host [-NoProfile] [-NonInteractive] ([-File] SCRIPT [ARGUMENT...] | -Command TEXT...)";

    /// <summary>The script file's full path, or null.</summary>
    public string? File { get; private init; }

    /// <summary>What the engine runs.</summary>
    public string Script { get; private init; } = "";

    /// <summary>Prompts are errors.</summary>
    public bool NonInteractive { get; private init; }

    /// <summary>Reads a command line; null where it makes no sense.</summary>
    public static CommandLine? Parse(ReadOnlySpan<string> args)
    {
        var line = new CommandLine();
        for (; args.Length > 0; args = args[1..])
        {
            switch (args[0].ToLowerInvariant())
            {
                case "-noprofile" or "-nologo":
                    break; // there is neither
                case "-noninteractive":
                    line = line with { NonInteractive = true };
                    break;
                case "-command" or "-c":
                    return args.Length > 1 ? line with { Script = string.Join(' ', args[1..]!) + "\nif (-not $?) { exit 1 }" } : null;
                case "-file" or "-f":
                    return args.Length > 1 ? line.WithFile(args[1], args[2..]) : null;
                case [not '-', ..]:
                    return line.WithFile(args[0], args[1..]);
                default:
                    return null;
            }
        }
        return null;
    }

    private CommandLine WithFile(string file, ReadOnlySpan<string> args)
    {
        file = Path.GetFullPath(file);
        var command = $"& {Quoted(file)}";
        foreach (var arg in args)
            command += " " + Argument(arg);
        // "exit 3" in a script file fails the command and leaves 3 in LASTEXITCODE; a program that it ran leaves its own there and fails nothing.
        return this with { File = file, Script = command + "\nif (-not $?) { exit ($LASTEXITCODE ?? 1) }" };
    }

    /// <summary>"-Name" and "-Name:value" name a parameter, and the binder decides whether the next argument is its value; all else is text.</summary>
    private static string Argument(string text)
    {
        var named = ParameterName().Match(text);
        if (!named.Success)
            return Quoted(text);
        var value = text[named.Length..];
        return named.Value + (value.Length == 0 ? "" : Switch().IsMatch(value) ? $"${value.TrimStart('$')}" : Quoted(value));
    }

    private static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"^-[\p{L}_][\w-]*($|:)")]
    private static partial Regex ParameterName();

    [GeneratedRegex(@"^\$?(true|false)$", RegexOptions.IgnoreCase)]
    private static partial Regex Switch();
}
