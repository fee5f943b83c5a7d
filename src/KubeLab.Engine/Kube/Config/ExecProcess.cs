using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>One run of a credential plugin.</summary>
internal static class ExecProcess
{
    private const int MaxOutput = 1 << 20;
    private const int MaxLine = 1000;
    private static readonly TimeSpan PromptDelay = TimeSpan.FromMilliseconds(300);

    /// <summary>Runs the plugin until it exits. Cancellation kills it and its child processes.</summary>
    /// <param name="spec">The plugin.</param>
    /// <param name="info">The value of KUBERNETES_EXEC_INFO.</param>
    /// <param name="isInteractive">Connects the plugin to the terminal. Otherwise, it has no input, and its error output is reported as warnings:
    /// each line immediately, and a prompt without a line end after a short pause.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The exit code, the output and the end of the error output.</returns>
    /// <exception cref="KlException">KubePluginFailed.</exception>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        ExecPluginSpec spec, string info, bool isInteractive, TimeProvider clock, CancellationToken stop)
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
            var errors = isInteractive ? Task.FromResult("") : WarnAsync(process.StandardError, spec.Command, clock);
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

    private static async Task<string> WarnAsync(StreamReader from, string plugin, TimeProvider clock)
    {
        var (tail, line, buffer) = (new OutputTail(), new StringBuilder(), new char[4096]);
        for (var count = 1; count > 0;)
        {
            var reading = from.ReadAsync(buffer, 0, buffer.Length);
            try
            {
                count = await (line.Length == 0 ? reading : reading.WaitAsync(PromptDelay, clock));
            }
            catch (TimeoutException)
            {
                Show();
                count = await reading;
            }
            foreach (var next in buffer.AsSpan(0, count))
                if (next == '\n' || line.Append(next).Length == MaxLine)
                    Show();
        }
        Show();
        return tail.ToString();

        void Show()
        {
            if (line.ToString().TrimEnd('\r') is { Length: > 0 } text)
                LabEvents.Current?.Report(new(plugin, LabEventKind.Warning, text) { Repeats = true });
            tail.AddLine(line.ToString());
            line.Clear();
        }
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
