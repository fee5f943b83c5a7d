using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>
/// <para type="synopsis">Empties a node: it takes no new pods, and those it has move elsewhere.</para>
/// <para type="description">Does what kubectl drain does: pods are evicted as their disruption budgets allow; pods of DaemonSets and static pods stay. A pod that nothing
/// would make again, or that keeps data in an emptyDir volume, makes it refuse unless -Force is given; then nothing was changed. What still holds pods when the time
/// is up is named in the error.</para>
/// </summary>
/// <example>
/// <para>Before work on a machine, and after it</para>
/// <code>Suspend-KlNode kubernetes-2
/// Resume-KlNode kubernetes-2</code>
/// </example>
/// <example>
/// <para>No new pods, and all that are there stay (kubectl cordon)</para>
/// <code>Get-KlNode kubernetes-2 | Suspend-KlNode -KeepPods</code>
/// </example>
[Cmdlet(VerbsLifecycle.Suspend, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class SuspendKlNode : NodeCmdlet
{
    /// <summary><para type="description">Evicts nothing.</para></summary>
    [Parameter]
    public SwitchParameter KeepPods { get; set; }

    /// <summary><para type="description">Also evicts pods that nothing makes again, and gives up data in emptyDir volumes.</para></summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary><para type="description">Not taken: kubectl's -f names a file, and PowerShell would read it as -Force.</para></summary>
    [Parameter(DontShow = true)]
    [Alias("f")]
    public string? Filename { get; set => field = value is null ? null : throw new PSArgumentException($"-f {value}: nodes come from no file. Name the node, and write -Force in full."); }

    /// <summary><para type="description">How long to wait until its pods are gone, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name, evict, force, timeout) = (Cluster, Name, !KeepPods, (bool)Force, Timeout);
        if (ShouldProcess(name, evict ? "Evict all pods and take no new ones" : "Take no new pods"))
            Start(name, (events, stop) => Engine.Nodes.SuspendAsync(cluster, name, evict, force, timeout, events, stop));
    }
}
