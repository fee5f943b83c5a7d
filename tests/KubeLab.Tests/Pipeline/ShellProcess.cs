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
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a shell.</summary>
    /// <remarks>Through env(1), for a shell ignores interrupts when it was itself started in the background of a script.</remarks>
    public static Process Start(string shell, params IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(
        "env", ["--default-signal=INT", .. shell == "pwsh" ? [Pwsh!, "-NoProfile"] : (string[])["dotnet", typeof(Session).Assembly.Location], .. arguments])
    {
        WorkingDirectory = Repository.Root,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
