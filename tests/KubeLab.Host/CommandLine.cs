using System.Management.Automation.Runspaces;

namespace KubeLab.Host;

/// <summary>What the host was asked to run, in the words of pwsh.</summary>
internal sealed record CommandLine
{
    /// <summary>The exit code of a command line that is none (pwsh's; EX_USAGE of sysexits.h).</summary>
    public const int UsageError = 64;

    public const string Usage = "Usage: KubeLab.Host [-NoProfile] [-NonInteractive] ([-File] SCRIPT [ARGUMENT...] | -Command TEXT...)";

    /// <summary>The script file's full path, or null.</summary>
    public string? File { get; private init; }

    /// <summary>The script's text, where there is no file.</summary>
    public string? Text { get; private init; }

    /// <summary>Prompts are errors.</summary>
    public bool NonInteractive { get; private init; }

    /// <summary>What the file's parameters are bound to.</summary>
    public IReadOnlyList<CommandParameter> Arguments { get; private init; } = [];

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
                    return args.Length > 1 ? line with { Text = string.Join(' ', args[1..]!) } : null;
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
        var bound = new List<CommandParameter>();
        foreach (var arg in args)
        {
            // "-Name" and "-Name:value" name a parameter and leave it to the binder whether the next argument is its value; all else is positional.
            if (arg is not ['-', not ':', ..])
                bound.Add(new(null, arg));
            else if (arg.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                bound.Add(new(arg[..(colon + 1)], Value(arg[(colon + 1)..])));
            else
                bound.Add(new(arg));
        }
        return this with { File = Path.GetFullPath(file), Arguments = bound };
    }

    private static object Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" or "TRUE" => true,
        "$FALSE" or "FALSE" => false,
        _ => text,
    };
}
