using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>One run of a credential plugin.</summary>
internal static class ExecProcess
{
    private const int MaxOutput = 1 << 20;

    /// <summary>Runs the plugin until it exits. Cancellation kills it and its child processes.</summary>
    /// <param name="spec">The plugin.</param>
    /// <param name="info">The value of KUBERNETES_EXEC_INFO.</param>
    /// <param name="isInteractive">Connects the plugin to the terminal. Otherwise, it has no input, and each line of its error output is reported as a
    /// warning immediately.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The exit code, the output and the end of the error output.</returns>
    /// <exception cref="KlException">KubePluginFailed.</exception>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(ExecPluginSpec spec, string info, bool isInteractive, CancellationToken stop)
    {
        var start = new ProcessStartInfo(PathOf(spec), spec.Arguments)
        {
            RedirectStandardInput = !isInteractive,
            RedirectStandardOutput = true,
            RedirectStandardError = !isInteractive,
            UseShellExecute = false,
        };
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = info;
        using var process = Start(start, spec);
        try
        {
            if (!isInteractive)
                process.StandardInput.Close();
            var errors = isInteractive ? Task.FromResult("") : WarnAsync(process.StandardError, spec.Command);
            var output = ReadAsync(process.StandardOutput, spec.Command);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(stop)).WaitAsync(stop);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(ProcessStartInfo start, ExecPluginSpec spec)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw CannotStart(spec, error.Message, error);
        }
    }

    // .NET would also look in the application's folder and in the current folder.
    private static string PathOf(ExecPluginSpec spec) => OperatingSystem.IsWindows() || spec.Command.Contains('/', StringComparison.Ordinal) ? spec.Command
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted)
        .Select(folder => Path.Combine(folder, spec.Command)).FirstOrDefault(File.Exists)
            ?? throw CannotStart(spec, "it was not found in PATH.", null);

    private static KlException CannotStart(ExecPluginSpec spec, string why, Exception? inner) =>
        new(ErrorIds.KubePluginFailed, KlErrorKind.NotInstalled, spec.Command,
            $"The kubeconfig's credential plugin {spec.Command} cannot be started: {why}",
            spec.InstallHint ?? "Install it, or correct the user's exec section in the kubeconfig.", inner);

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or AggregateException or Win32Exception)
        {
            // It has already exited.
        }
    }

    private static async Task<string> WarnAsync(StreamReader from, string plugin)
    {
        var tail = new OutputTail();
        while (await from.ReadLineAsync() is { } line)
        {
            LabEvents.Current?.Warning(plugin, line);
            tail.AddLine(line);
        }
        return tail.ToString();
    }

    private static async Task<string> ReadAsync(StreamReader from, string plugin)
    {
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            if (text.Append(buffer, 0, count).Length > MaxOutput)
                throw new KlException(ErrorIds.KubePluginFailed, KlErrorKind.Failed, plugin,
                    $"The kubeconfig's credential plugin {plugin} failed: it printed more than {MaxOutput >> 20} MiB.");
        return text.ToString();
    }
}
