using System.Diagnostics;
using KubeLab.Host;

namespace KubeLab.Tests.Pipeline;

/// <summary>What a process of a shell came to.</summary>
internal sealed record ShellExit(int Code, string Output, string Error);

/// <summary>Shells as processes of their own: our console host, and pwsh where there is one.</summary>
internal static class ShellProcess
{
    /// <summary>Names for theories.</summary>
    public static TheoryData<string> Shells => Pwsh is null ? ["KubeLab.Host"] : ["KubeLab.Host", "pwsh"];

    private static string? Pwsh { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh")).FirstOrDefault(File.Exists);

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

    /// <summary>Waits for a process's end.</summary>
    public static async Task<ShellExit> EndAsync(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a shell.</summary>
    /// <remarks>Through env(1), for a shell ignores interrupts when it was itself started in the background of a script.</remarks>
    public static Process Start(string shell, params IEnumerable<string> arguments) =>
        Process.Start(Info("env", ["--default-signal=INT", .. shell == "pwsh" ? [Pwsh!, "-NoProfile"] : (string[])["dotnet", typeof(Session).Assembly.Location], .. arguments]))!;

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
    };
}
