using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KubeLab.Host;

/// <summary>One script in one runspace, with the exit codes of pwsh.</summary>
internal static class Session
{
    /// <summary>The exit code of a script that Ctrl+C ended: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs what the command line says.</summary>
    /// <returns>What <c>exit</c> said; 1 where an error ended the script (or, for -Command, where its last command failed); 0.</returns>
    public static int Run(CommandLine line, ConsoleHost host)
    {
        if (line.File is not null && !File.Exists(line.File))
        {
            host.UI.WriteErrorLine($"There is no script file '{line.File}'.");
            return CommandLine.UsageError;
        }
        using var runspace = Open(host);
        using var shell = PowerShell.Create(runspace);
        using var stop = host.Stopping.Register(() => shell.Stop());
        shell.AddScript(line.Script);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        try
        {
            shell.Invoke();
        }
        catch (Exception error) when (!host.Stopping.IsCancellationRequested)
        {
            Report(runspace, host, error);
            return 1;
        }
        catch (PipelineStoppedException)
        {
            // Ctrl+C; told by the exit code.
        }
        if (host.Stopping.IsCancellationRequested)
            return Interrupted;
        return host.ExitCode ?? 0;
    }

    /// <summary>A runspace as a new pwsh has it, but for the modules that come with it.</summary>
    public static Runspace Open(ConsoleHost host, Action<InitialSessionState>? adapt = null)
    {
        CultureInfo.CurrentCulture = host.CurrentCulture; // flows to the pipeline's thread
        var state = InitialSessionState.CreateDefault2();
        adapt?.Invoke(state);
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        return runspace;
    }

    private static void Report(Runspace runspace, ConsoleHost host, Exception error)
    {
        host.LastWords();
        using var shell = PowerShell.Create(runspace);
        shell.AddCommand("Out-Default").Invoke(new[]
        {
            (error as IContainsErrorRecord)?.ErrorRecord ?? new ErrorRecord(error, error.GetType().Name, ErrorCategory.NotSpecified, null),
        });
    }
}
