using System.Diagnostics;
using System.Text;

namespace KubeLab.Tests.Pipeline;

/// <summary>What a process of a shell came to.</summary>
internal sealed record ShellExit(int Code, string Output, string Error);

/// <summary>A real pwsh as a process of its own: the tool of .config/dotnet-tools.json.</summary>
internal static class ShellProcess
{
    /// <summary>Runs it to its end, in the repository's root.</summary>
    public static async Task<ShellExit> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    /// <summary>Runs a script where the module is imported, every error ends the script, and variables of the environment are set, or absent where they are null.</summary>
    public static async Task<ShellExit> RunAsync(string script, IReadOnlyDictionary<string, string?> environment)
    {
        using var process = Start(script, environment);
        return await EndAsync(process);
    }

    /// <summary>What it shows on a terminal of Linux while it runs a script, where the module is imported.</summary>
    /// <param name="script">As a user types it.</param>
    /// <param name="environment">Variables of the environment that it is given.</param>
    /// <param name="keys">Each is typed as soon as the terminal shows its sign, one after another.</param>
    public static async Task<string> AtTerminalAsync(string script, IReadOnlyDictionary<string, string?> environment, params (string Sign, string Keys)[] keys)
    {
        var file = Path.ChangeExtension(Path.GetTempFileName(), ".ps1");
        try
        {
            await File.WriteAllTextAsync(file, $"Import-Module ./KubeLab.psd1\n{script}");
            var start = Info("script", ["-qec", $"stty cols 200 rows 50; exec env --default-signal=INT dotnet '{Repository.Pwsh}' -NoProfile -File {file}", "/dev/null"]);
            start.Environment["TERM"] = "xterm";
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            using var late = new CancellationTokenSource(Gates.Patience);
            await using var end = late.Token.Register(() => process.Kill(entireProcessTree: true));
            var shown = new StringBuilder();
            foreach (var (sign, typed) in keys)
            {
                var from = shown.Length;
                for (var next = new char[1]; !shown.ToString(from, shown.Length - from).Contains(sign, StringComparison.Ordinal); shown.Append(next))
                    Assert.True(await process.StandardOutput.ReadAsync(next) > 0, $"'{sign}' never came:\n{shown}");
                await process.StandardInput.WriteAsync(typed);
                await process.StandardInput.FlushAsync();
            }
            return shown.Append((await EndAsync(process)).Output).ToString();
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a file of Pester's; its exit code is how many tests failed.</summary>
    public static Task<ShellExit> PesterAsync(string file) => RunAsync("-NonInteractive", "-Command",
        $"Import-Module '{Repository.Pester}'; Invoke-Pester -Configuration @{{ Run = @{{ Path = '{file}'; Exit = $true }}; Output = @{{ Verbosity = 'Detailed'; RenderMode = 'Plaintext' }} }}");

    /// <summary>Waits for a process's end.</summary>
    public static async Task<ShellExit> EndAsync(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Kills a shell outright as soon as a line of its output has <paramref name="sign"/>, which must come.</summary>
    public static async Task KillAtAsync(Process process, string sign)
    {
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var said = new List<string>();
        for (; await process.StandardOutput.ReadLineAsync() is { } line; said.Add(line))
            if (line.Contains(sign, StringComparison.Ordinal))
            {
                process.Kill();
                await process.WaitForExitAsync();
                return;
            }
        Assert.Fail($"'{sign}' never came:\n{string.Join('\n', said)}\n{await error}");
    }

    /// <summary>Starts it.</summary>
    /// <remarks>Through env(1), for a program ignores interrupts when it was itself started in the background of a script.</remarks>
    public static Process Start(params IEnumerable<string> arguments) =>
        Process.Start(Info("env", ["--default-signal=INT", "dotnet", Repository.Pwsh, "-NoProfile", .. arguments]))!;

    /// <summary>Starts it with a script, as <see cref="RunAsync(string, IReadOnlyDictionary{string, string?})"/> says.</summary>
    public static Process Start(string script, IReadOnlyDictionary<string, string?> environment)
    {
        var start = Info("dotnet", [Repository.Pwsh, "-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; {script}"]);
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
