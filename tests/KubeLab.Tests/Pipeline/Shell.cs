using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using KubeLab.Engine;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

/// <summary>Runs scripts in the PowerShell engine. All tests share one runspace because opening one takes half a second.</summary>
/// <remarks>Scripts run one at a time, so that each can use its own <see cref="LabEngine"/>, and do not share variables.
/// The cmdlets of the module and of this test assembly are available.</remarks>
public static class Shell
{
    private static readonly Lock RunLock = new();
    private static readonly StringWriter Screen = new();
    private static readonly TextHost Host = new(Screen);
    private static readonly Lazy<Runspace> Shared = new(Open);

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">The script. Verbose and debug streams are enabled. Modules such as Microsoft.PowerShell.Utility are not available.</param>
    /// <param name="engine">The value of <see cref="LabEngine.Shared"/> for the cmdlets, or null for the default engine.</param>
    /// <param name="variables">Variables of the script.</param>
    /// <param name="meanwhile">Runs in parallel with the script and can stop it as Ctrl+C does.</param>
    /// <param name="choose">Answers questions by the number of a choice. Null: questions are errors.</param>
    public static ShellResult Run(string script, LabEngine? engine = null, IReadOnlyDictionary<string, object?>? variables = null,
        Func<PowerShell, Task>? meanwhile = null, Func<string, int>? choose = null)
    {
        lock (RunLock)
        {
            LabEngine.Shared = engine!;
            Screen.GetStringBuilder().Clear();
            Host.Choose = choose;
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

    /// <summary>Returns the output of a script as a console 120 columns wide shows it.</summary>
    public static string Show(string script, LabEngine? engine = null, IReadOnlyDictionary<string, object?>? variables = null)
    {
        lock (RunLock)
        {
            var result = Run($". {{ {script} }} | Out-Default", engine, variables);
            Assert.Empty(result.Errors);
            return result.Screen;
        }
    }

    /// <summary>Stops a script when its verbose or debug stream contains the text, or returns when the script ends.</summary>
    public static Task StopAtAsync(PowerShell shell, string text) => StopAtAsync(shell, message => message.Contains(text, StringComparison.Ordinal));

    /// <summary>Stops a script when its verbose or debug stream has such a message, or returns when the script ends.</summary>
    public static async Task StopAtAsync(PowerShell shell, Func<string, bool> isMoment)
    {
        bool Has<T>(PSDataCollection<T> stream, ref int read) where T : InformationalRecord
        {
            for (; read < stream.Count; read++)
                if (isMoment(stream[read].Message))
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
        var background = meanwhile is null ? Task.CompletedTask : Task.Run(() => meanwhile(pipeline));
        try
        {
            pipeline.Invoke(null, output);
        }
        catch (RuntimeException error)
        {
            ended = error.ErrorRecord;
        }
        background.GetAwaiter().GetResult();
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
        // The engine reads this setting once per process. Tests compare text without colors.
        PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        CultureInfo.CurrentCulture = Host.CurrentCulture; // flows to the pipeline's thread
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        state.Formats.Add(new SessionStateFormatEntry(Path.Combine(Repository.Root, "Module", "KubeLab.Format.ps1xml")));
        state.Types.Add(new SessionStateTypeEntry(Path.Combine(Repository.Root, "Module", "KubeLab.Types.ps1xml")));
        var runspace = RunspaceFactory.CreateRunspace(Host, state);
        runspace.Open();
        using var import = PowerShell.Create(runspace);
        import.AddScript("param($Assembly) Import-Module -Assembly $Assembly -DisableNameChecking -ErrorAction Stop")
            .AddArgument(new[] { typeof(KlCmdlet).Assembly, typeof(Shell).Assembly }).Invoke();
        return runspace;
    }
}
