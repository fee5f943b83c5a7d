using System.Diagnostics;

namespace KubeLab.Engine.Remote.Config;

internal sealed partial class ConfigReader
{
    private static readonly TimeSpan ExecTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Whether the criteria of a Match line are met. As in ssh, 'exec' runs its command only if the criteria before it are met.</summary>
    private bool Matches(ConfigLine line, IReadOnlyList<string> words)
    {
        var met = true;
        var criteria = 0;
        for (var rest = new Queue<string>(words); rest.TryDequeue(out var word) && word is not ['#', ..]; criteria++)
        {
            var negated = word.StartsWith('!');
            var (name, given) = word[(negated ? 1 : 0)..].Split('=', 2) is [var left, var right]
                ? (left.ToLowerInvariant(), right) : (word[(negated ? 1 : 0)..].ToLowerInvariant(), null);
            if (name == "all")
                // ssh allows one criterion before it.
                return criteria < 2 && rest.Count == 0 ? met && !negated : throw Invalid(line, "Match 'all' cannot be combined with other criteria");
            if (name is "final" or "canonical")
            {
                _needsFinal |= name == "final" && !negated;
                met &= IsFinal != negated;
                continue;
            }
            var value = (given is "" && name is not ("tagged" or "command") ? null : given)
                ?? (rest.TryDequeue(out var next) ? next : throw Invalid(line, $"Match '{name}' has no value"));
            if (value is "" or ['#', ..] && name is not ("tagged" or "command"))
                throw Invalid(line, $"Match '{name}' has no value");
            // 'exec' commands run only if all previous criteria are met.
            met = IsMet(line, name, value, met) != negated && met;
        }
        return criteria == 0 ? throw Invalid(line, "Match has no criteria") : met;
    }

    private bool IsMet(ConfigLine line, string name, string value, bool matters) => name switch
    {
        "host" => Patterns.Match(value.Split(','), Host, ignoreCase: true),
        "originalhost" => Patterns.Match(value.Split(','), _host, ignoreCase: true),
        "user" => Patterns.Match(value.Split(','), User),
        "localuser" => Patterns.Match(value.Split(','), Environment.UserName),
        "tagged" => First("tag") is { } tag ? Patterns.Match(value.Split(','), tag) : value is "",
        "command" => value is "",
        "exec" => matters && Succeeds(line, Expand(_tokens, value, line, environment: false)),
        "localnetwork" or "sessiontype" or "version" when !matters => false,
        "localnetwork" or "sessiontype" or "version" => throw Invalid(line, $"Match '{name}' is not supported"),
        _ => throw Invalid(line, $"Match '{name}' is not a valid criterion"),
    };

    private bool Succeeds(ConfigLine line, string command)
    {
        var shell = OperatingSystem.IsWindows() ? "cmd.exe" : Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } own ? own : "/bin/sh";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(shell, [OperatingSystem.IsWindows() ? "/c" : "-c", command])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(ExecTimeout))
                return process.ExitCode == 0;
            process.Kill(entireProcessTree: true);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw Invalid(line, $"'{command}' could not be run: {error.Message}");
        }
        throw Invalid(line, $"'{command}' did not exit within {ExecTimeout.TotalSeconds:0} seconds");
    }
}
