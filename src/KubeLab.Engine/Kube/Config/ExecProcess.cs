using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>One run of a credential plugin.</summary>
internal static class ExecProcess
{
    private const int LongestOutput = 1 << 20;
    private const int LongestTail = 1000;

    /// <summary>Runs it to its end; when stopped, it ends with all that it started.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="info">What it is told (KUBERNETES_EXEC_INFO).</param>
    /// <param name="isInteractive">It talks to the terminal itself. Otherwise it has no input, and each line of its error output is a warning as soon as it is there.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Its exit code, its output and the end of its error output.</returns>
    /// <exception cref="KlException">KubePluginFailed.</exception>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(ExecPluginSpec spec, string info, bool isInteractive, CancellationToken stop)
    {
        var start = new ProcessStartInfo(Located(spec), spec.Arguments)
        {
            RedirectStandardInput = !isInteractive,
            RedirectStandardOutput = true,
            RedirectStandardError = !isInteractive,
            UseShellExecute = false,
        };
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = info;
        using var process = Started(start, spec);
        try
        {
            if (!isInteractive)
                process.StandardInput.Close();
            var errors = isInteractive ? Task.FromResult("") : TellAsync(process.StandardError, spec.Command);
            var output = ReadAsync(process.StandardOutput, spec.Command);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(stop)).WaitAsync(stop);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            End(process);
        }
    }

    private static Process Started(ProcessStartInfo start, ExecPluginSpec spec)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw NotThere(spec, error.Message, error);
        }
    }

    // .NET would look for a program beside itself and in the current folder, too.
    private static string Located(ExecPluginSpec spec) => OperatingSystem.IsWindows() || spec.Command.Contains('/', StringComparison.Ordinal) ? spec.Command
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, spec.Command)).FirstOrDefault(File.Exists)
            ?? throw NotThere(spec, "no folder in PATH holds it.", null);

    private static KlException NotThere(ExecPluginSpec spec, string why, Exception? inner) => new(ErrorIds.KubePluginFailed, KlErrorKind.NotInstalled, spec.Command,
        $"The kubeconfig's credential plugin {spec.Command} cannot be started: {why}", spec.InstallHint ?? "Install it, or correct the user's exec section in the kubeconfig.", inner);

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or AggregateException or Win32Exception)
        {
            // It has ended.
        }
    }

    private static async Task<string> TellAsync(StreamReader from, string plugin)
    {
        var tail = new StringBuilder();
        while (await from.ReadLineAsync() is { } line)
        {
            LabEvents.Current?.Warning(plugin, line);
            tail.Append(line).Append('\n');
            if (tail.Length > LongestTail)
                tail.Remove(0, tail.Length - LongestTail);
        }
        return tail.ToString().Trim();
    }

    private static async Task<string> ReadAsync(StreamReader from, string plugin)
    {
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            if (text.Append(buffer, 0, count).Length > LongestOutput)
                throw new KlException(ErrorIds.KubePluginFailed, KlErrorKind.Failed, plugin, $"The kubeconfig's credential plugin {plugin} failed: it printed more than {LongestOutput >> 20} MiB.");
        return text.ToString();
    }
}
