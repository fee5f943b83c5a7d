using System.Management.Automation;
using KubeLab.Engine.Pods;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Opens an interactive session in a pod.</para>
/// <para type="description">A shell, or any program that needs a terminal: all keys are its, Ctrl+C too, and it knows the window's size. Its exit code
/// is in $LASTEXITCODE. With -Attach you join what the container itself runs; Ctrl+P, Ctrl+Q leaves it running, and a container
/// that has no terminal is only listened to, until Ctrl+C. Several pods come one after the other.</para>
/// </summary>
/// <example>
/// <para>A shell</para>
/// <code>Enter-KlPod web-0</code>
/// </example>
/// <example>
/// <para>A program in one of several containers</para>
/// <code>Enter-KlPod wiki-0 mysql, wiki -Container database</code>
/// </example>
/// <example>
/// <para>The program that the container runs</para>
/// <code>Get-KlPod game-0 | Enter-KlPod -Attach</code>
/// </example>
[Cmdlet(VerbsCommon.Enter, "KlPod", DefaultParameterSetName = "Program")]
[OutputType(typeof(void))]
public sealed class EnterKlPod : PodCmdlet
{
    private readonly List<(string? Cluster, string? Namespace, string Name)> _pods = [];

    /// <summary><para type="description">The pod; or KIND/NAME: one of that object's, as in deployment/web.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The program and its arguments. Default: bash where there is one, otherwise sh.</para></summary>
    [Parameter(Position = 1, ParameterSetName = "Program")]
    public string[] Command { get; set; } = [.. PodSession.Shell];

    /// <summary><para type="description">Joins the program that the container itself runs.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Attach")]
    public SwitchParameter Attach { get; set; }

    /// <summary><para type="description">The container. Default: the only one.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _pods.Add((Cluster, Namespace, Full(Name)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            Fail(Name, new KlException(ErrorIds.TerminalNeeded, KlErrorKind.InvalidInput, Name, "An interactive session needs a terminal, and standard input or output is none.",
                "Run it at a prompt, or use Invoke-KlPodCommand."));
        else if (_pods.Count > 0)
        {
            // Progress bars and a title are not drawn into what another draws.
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
                Exited(code);
        }
        catch (KlException error)
        {
            if (error.ErrorId == ErrorIds.PodCommandFailed)
                Exited(PodCommands.CodeOf(error));
            Fail(pod, error);
        }
    }
}
