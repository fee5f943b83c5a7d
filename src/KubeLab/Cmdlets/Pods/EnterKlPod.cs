using System.Management.Automation;
using KubeLab.Engine.Pods;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Opens an interactive session in a pod.</summary>
/// <remarks>Runs a shell, or any program that needs a terminal. The program receives every key, including Ctrl+C, and the window size. Its exit code is
/// in $LASTEXITCODE. With -Attach, connects to the main process of the container: press Ctrl+P, Ctrl+Q to detach without stopping it. If the container
/// has no terminal, its output is shown until you press Ctrl+C. Sessions in several pods run one after the other.</remarks>
/// <example>Open a shell
/// <code>Enter-KlPod web-0</code></example>
/// <example>Run a program in one of several containers
/// <code>Enter-KlPod wiki-0 mysql, wiki -Container database</code></example>
/// <example>Attach to the main process of the container
/// <code>Get-KlPod game-0 | Enter-KlPod -Attach</code></example>
[Cmdlet(VerbsCommon.Enter, "KlPod", DefaultParameterSetName = "Program")]
[OutputType(typeof(void))]
public sealed class EnterKlPod : PodCmdlet
{
    private readonly List<(string? Cluster, string? Namespace, string Name)> _pods = [];

    /// <summary>The name of the pod. KIND/NAME, such as deployment/web, selects one pod of another object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The program and its arguments. Default: bash if the container has it, otherwise sh.</summary>
    [Parameter(Position = 1, ParameterSetName = "Program")]
    public string[] Command { get; set; } = [.. PodSession.Shell];

    /// <summary>Attaches to the main process of the container.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Attach")]
    public SwitchParameter Attach { get; set; }

    /// <summary>The container. Required if the pod has more than one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _pods.Add((Cluster, Namespace, Qualified(Name)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            Fail(Name, new KlException(ErrorIds.TerminalNeeded, KlErrorKind.InvalidInput, Name,
                "An interactive session needs a terminal, but standard input or output is redirected.",
                "Run the cmdlet at an interactive prompt, or use Invoke-KlPodCommand."));
        else if (_pods.Count > 0)
        {
            // Prevents PowerShell from drawing progress bars and a window title over the program's output.
            Host.NotifyBeginApplication();
            Start(_pods[0].Name, async (_, stop) =>
            {
                foreach (var pod in _pods)
                    await EnterAsync(pod.Cluster, pod.Namespace, pod.Name, stop);
            });
        }
        try
        {
            base.EndProcessing();
        }
        finally
        {
            if (_pods.Count > 0)
                Host.NotifyEndApplication();
        }
    }

    private async Task EnterAsync(string? cluster, string? ns, string pod, CancellationToken stop)
    {
        try
        {
            await using var output = Console.OpenStandardOutput();
            if (await Engine.PodSession.EnterAsync(cluster, ns, pod, Container, Attach ? null : Command, RawTerminal.Open, output, stop) is { } code)
                SetExitCode(code);
        }
        catch (KlException error)
        {
            if (error.ErrorId == ErrorIds.PodCommandFailed)
                SetExitCode(PodCommands.CodeOf(error));
            Fail(pod, error);
        }
    }
}
