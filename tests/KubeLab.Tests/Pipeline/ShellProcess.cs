using System.Diagnostics;
using System.Text;

namespace KubeLab.Tests.Pipeline;

/// <summary>The exit code and output of a shell process.</summary>
internal sealed record ShellExit(int Code, string Output, string Error);

/// <summary>Runs pwsh as a separate process: the tool of .config/dotnet-tools.json.</summary>
internal static class ShellProcess
{
    /// <summary>Runs pwsh in the root folder of the repository.</summary>
    public static async Task<ShellExit> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    /// <summary>Runs a script with the module imported and ErrorActionPreference Stop.</summary>
    /// <param name="script">The script.</param>
    /// <param name="environment">Environment variables. A variable with a null value is removed.</param>
    public static async Task<ShellExit> RunAsync(string script, IReadOnlyDictionary<string, string?> environment)
    {
        using var process = Start(script, environment);
        return await EndAsync(process);
    }

    /// <summary>Runs a script with the module imported in a Linux terminal, and returns the text on the terminal.</summary>
    /// <param name="script">The script.</param>
    /// <param name="environment">Environment variables to set.</param>
    /// <param name="keys">Keys to type, in order, each when the terminal shows its text.</param>
    public static async Task<string> AtTerminalAsync(
        string script, IReadOnlyDictionary<string, string?> environment, params (string Text, string Keys)[] keys)
    {
        var file = Path.ChangeExtension(Path.GetTempFileName(), ".ps1");
        try
        {
            await File.WriteAllTextAsync(file, $"Import-Module ./KubeLab.psd1\n{script}");
            var command = $"stty cols 200 rows 50; exec env --default-signal=INT dotnet '{Repository.Pwsh}' -NoProfile -File {file}";
            var start = Info("script", ["-qec", command, "/dev/null"]);
            start.Environment["TERM"] = "xterm";
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            using var timeout = new CancellationTokenSource(Gates.Timeout);
            await using var end = timeout.Token.Register(() => process.Kill(entireProcessTree: true));
            var shown = new StringBuilder();
            var (waiting, from) = (new Queue<(string Text, string Keys)>(keys), 0);
            for (var next = new char[1]; await process.StandardOutput.ReadAsync(next) > 0;)
            {
                shown.Append(next);
                // The console asks the terminal for the position of the cursor (ECMA-48, DSR) and waits for the report.
                if (EndsWith("\e[6n"))
                    await TypeAsync("\e[1;1R");
                if (!waiting.TryPeek(out var key) || shown.Length - from < key.Text.Length || !EndsWith(key.Text))
                    continue;
                waiting.Dequeue();
                from = shown.Length;
                await TypeAsync(key.Keys);
            }
            await process.WaitForExitAsync();
            Assert.True(waiting.Count == 0, $"The terminal did not show '{waiting.FirstOrDefault().Text}':\n{shown}");
            return shown.ToString();

            bool EndsWith(string text) => shown.Length >= text.Length && shown[^1] == text[^1]
                && shown.ToString(shown.Length - text.Length, text.Length) == text;
            async Task TypeAsync(string text)
            {
                await process.StandardInput.WriteAsync(text);
                await process.StandardInput.FlushAsync();
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a Pester file. The exit code is the number of failed tests.</summary>
    public static Task<ShellExit> PesterAsync(string file) => RunAsync("-NonInteractive", "-Command",
        $"Import-Module '{Repository.Pester}'; Invoke-Pester -Configuration @{{ Run = @{{ Path = '{file}'; Exit = $true }}; "
            + "Output = @{ Verbosity = 'Detailed'; RenderMode = 'Plaintext' } }");

    /// <summary>Waits until a process has ended.</summary>
    public static async Task<ShellExit> EndAsync(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Kills a shell when a line of its output contains the text. Fails if no line contains it.</summary>
    public static async Task KillAtAsync(Process process, string text)
    {
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        for (; await process.StandardOutput.ReadLineAsync() is { } line; lines.Add(line))
            if (line.Contains(text, StringComparison.Ordinal))
            {
                process.Kill();
                await process.WaitForExitAsync();
                return;
            }
        Assert.Fail($"No line contained '{text}':\n{string.Join('\n', lines)}\n{await error}");
    }

    /// <summary>Starts pwsh.</summary>
    /// <remarks>env(1) restores the default handling of SIGINT. A background process of a script ignores the signal, and its children inherit that.</remarks>
    public static Process Start(params IEnumerable<string> arguments) =>
        Process.Start(Info("env", ["--default-signal=INT", "dotnet", Repository.Pwsh, "-NoProfile", .. arguments]))!;

    /// <summary>Starts a script as <see cref="RunAsync(string, IReadOnlyDictionary{string, string?})"/> does.</summary>
    public static Process Start(string script, IReadOnlyDictionary<string, string?> environment)
    {
        var start = Info("dotnet",
            [Repository.Pwsh, "-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; {script}"]);
        foreach (var (name, value) in environment)
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static ProcessStartInfo Info(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        WorkingDirectory = Repository.Root,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1", ["POWERSHELL_UPDATECHECK"] = "Off" },
    };
}
