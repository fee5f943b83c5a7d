using System.Diagnostics;
using KubeLab.Host;

namespace KubeLab.Tests.Pipeline;

/// <summary>What a process of a shell came to.</summary>
internal sealed record ShellExit(int Code, string Output, string Error);

/// <summary>Shells as processes of their own: our console host, and the pwsh on PATH or, where there is none, that of PowerShell's package.</summary>
internal static class ShellProcess
{
    /// <summary>Names for theories.</summary>
    public static TheoryData<string> Shells => ["KubeLab.Host", "pwsh"];

    private static string[] Pwsh { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh")).FirstOrDefault(File.Exists) is { } installed
        ? [installed] : ["dotnet", Path.Combine(Repository.PowerShell, OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll")];

    /// <summary>Runs a script to its end, in the repository's root.</summary>
    public static async Task<ShellExit> RunAsync(string shell, params IEnumerable<string> arguments)
    {
        using var process = Start(shell, arguments);
        return await EndAsync(process);
    }

    /// <summary>The same in our console host, where the module is imported, every error ends the script, and variables of the environment are set, or absent where they are null.</summary>
    public static async Task<ShellExit> RunAsync(string script, IReadOnlyDictionary<string, string?> environment)
    {
        using var process = Start(script, environment);
        return await EndAsync(process);
    }

    /// <summary>What a real pwsh shows on a terminal of Linux while it runs a script, where the module is imported.</summary>
    public static async Task<string> AtTerminalAsync(string script, IReadOnlyDictionary<string, string?> environment)
    {
        var file = Path.ChangeExtension(Path.GetTempFileName(), ".ps1");
        try
        {
            await File.WriteAllTextAsync(file, $"Import-Module ./KubeLab.psd1\n{script}");
            var start = Info("script", ["-qec", $"stty cols 200 rows 50; {string.Join(' ', Pwsh)} -NoProfile -File {file}", "/dev/null"]);
            start.Environment["TERM"] = "xterm";
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            return (await EndAsync(process)).Output;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a file of Pester's in pwsh; its exit code is how many tests failed.</summary>
    public static Task<ShellExit> PesterAsync(string file) => RunAsync("pwsh", "-NonInteractive", "-Command",
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

    /// <summary>Starts a shell.</summary>
    /// <remarks>Through env(1), for a shell ignores interrupts when it was itself started in the background of a script.</remarks>
    public static Process Start(string shell, params IEnumerable<string> arguments) =>
        Process.Start(Info("env", ["--default-signal=INT", .. shell == "pwsh" ? (string[])[.. Pwsh, "-NoProfile"] : ["dotnet", typeof(Session).Assembly.Location], .. arguments]))!;

    /// <summary>Starts our console host with a script, as <see cref="RunAsync(string, IReadOnlyDictionary{string, string?})"/> says.</summary>
    public static Process Start(string script, IReadOnlyDictionary<string, string?> environment)
    {
        var start = Info("dotnet", [typeof(Session).Assembly.Location, "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; {script}"]);
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
