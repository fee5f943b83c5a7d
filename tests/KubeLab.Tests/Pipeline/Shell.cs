using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using KubeLab.Engine;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

/// <summary>Runs text pipelines in the real PowerShell engine: one runspace for all tests, for opening one costs half a second.</summary>
/// <remarks>One pipeline at a time, so that each may have an engine of its own; nothing of a run is left for the next.
/// It knows the module's cmdlets, and those that this test assembly declares.</remarks>
public static class Shell
{
    private static readonly Lock Turn = new();
    private static readonly StringWriter Screen = new();
    private static readonly Lazy<Runspace> Shared = new(Open);

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">As a user types it. Verbose and debug streams are on; the engine alone has neither Select-Object nor Format-*.</param>
    /// <param name="engine">What the cmdlets find as <see cref="LabEngine.Shared"/>; null: the real one.</param>
    /// <param name="variables">Set for the script alone.</param>
    /// <param name="meanwhile">Runs beside the script and may stop it, as Ctrl+C does.</param>
    public static ShellResult Run(
        string script, LabEngine? engine = null, IReadOnlyDictionary<string, object?>? variables = null, Func<PowerShell, Task>? meanwhile = null)
    {
        lock (Turn)
        {
            LabEngine.Shared = engine!;
            Screen.GetStringBuilder().Clear();
            using var pipeline = PowerShell.Create(Shared.Value);
            try
            {
                foreach (var (name, value) in variables ?? new Dictionary<string, object?>())
                    Shared.Value.SessionStateProxy.SetVariable(name, value);
                pipeline.AddScript("$VerbosePreference = $DebugPreference = 'Continue'\n" + script, useLocalScope: true);
                return Finish(pipeline, meanwhile);
            }
            finally
            {
                foreach (var name in variables?.Keys ?? [])
                    Shared.Value.SessionStateProxy.PSVariable.Remove(name);
                LabEngine.Shared = null!;
            }
        }
    }

    /// <summary>What a script's output looks like on a console 120 columns wide.</summary>
    public static string Show(string script, LabEngine? engine = null, IReadOnlyDictionary<string, object?>? variables = null)
    {
        lock (Turn)
        {
            var result = Run($". {{ {script} }} | Out-Default", engine, variables);
            Assert.Empty(result.Errors);
            return result.Screen;
        }
    }

    /// <summary>Stops a script when its verbose or debug stream has <paramref name="sign"/>, unless it ends before.</summary>
    public static async Task StopAtAsync(PowerShell shell, string sign)
    {
        bool Has<T>(PSDataCollection<T> stream, ref int read) where T : InformationalRecord
        {
            for (; read < stream.Count; read++)
                if (stream[read].Message.Contains(sign, StringComparison.Ordinal))
                    return true;
            return false;
        }
        for (var (verbose, debug) = (0, 0); shell.InvocationStateInfo.State is PSInvocationState.NotStarted or PSInvocationState.Running; await Task.Delay(20))
            if (Has(shell.Streams.Verbose, ref verbose) || Has(shell.Streams.Debug, ref debug))
            {
                shell.Stop();
                return;
            }
    }

    private static ShellResult Finish(PowerShell pipeline, Func<PowerShell, Task>? meanwhile)
    {
        using var output = new PSDataCollection<PSObject>();
        ErrorRecord? ended = null;
        var beside = meanwhile is null ? Task.CompletedTask : Task.Run(() => meanwhile(pipeline));
        try
        {
            pipeline.Invoke(null, output);
        }
        catch (RuntimeException error)
        {
            ended = error.ErrorRecord;
        }
        beside.GetAwaiter().GetResult();
        var streams = pipeline.Streams;
        return new()
        {
            Output = [.. output.Select(one => one?.BaseObject)],
            Errors = ended is null or { Exception: PipelineStoppedException } ? [.. streams.Error] : [.. streams.Error, ended],
            Ended = ended,
            Warnings = [.. streams.Warning.Select(record => record.Message)],
            Verbose = [.. streams.Verbose.Select(record => record.Message)],
            Debug = [.. streams.Debug.Select(record => record.Message)],
            Information = [.. streams.Information],
            Progress = [.. streams.Progress],
            Screen = Screen.ToString(),
        };
    }

    private static Runspace Open()
    {
        // The engine reads this once for the process: no colour, for tests read text.
        PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        var host = new TextHost(Screen);
        CultureInfo.CurrentCulture = host.CurrentCulture; // flows to the pipeline's thread
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        state.Formats.Add(new SessionStateFormatEntry(Path.Combine(Repository.Root, "Module", "KubeLab.Format.ps1xml")));
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var import = PowerShell.Create(runspace);
        import.AddScript("param($Assembly) Import-Module -Assembly $Assembly -DisableNameChecking -ErrorAction Stop")
            .AddArgument(new[] { typeof(KlCmdlet).Assembly, typeof(Shell).Assembly }).Invoke();
        return runspace;
    }
}
