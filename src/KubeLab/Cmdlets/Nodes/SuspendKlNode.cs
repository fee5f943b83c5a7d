using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Drains a node.</summary>
/// <remarks>Does the same as kubectl drain: marks the node as unschedulable and evicts its pods as their disruption budgets permit. Pods of DaemonSets and
/// static pods stay. If the node has pods without a controller or with data in an emptyDir volume, the cmdlet changes nothing and fails unless
/// -Force is specified. If the time-out expires, the error names the remaining pods.</remarks>
/// <example>Drain a node for maintenance and uncordon it afterwards
/// <code>
/// Suspend-KlNode kubernetes-2
/// Resume-KlNode kubernetes-2</code></example>
/// <example>Cordon a node and keep its pods
/// <code>Get-KlNode kubernetes-2 | Suspend-KlNode -KeepPods</code></example>
[Cmdlet(VerbsLifecycle.Suspend, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class SuspendKlNode : NodeCmdlet
{
    /// <summary>Cordons the node without evicting pods.</summary>
    [Parameter]
    public SwitchParameter KeepPods { get; set; }

    /// <summary>Also evicts pods without a controller and pods with data in emptyDir volumes. This data is lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Not supported. Prevents PowerShell from interpreting kubectl's -f (a file name) as -Force.</summary>
    [Parameter(DontShow = true)]
    [Alias("f")]
    public string? Filename
    {
        get; set => field = value is null ? null
        : throw new PSArgumentException($"-f {value}: a node cannot be specified by a file. Specify the node's name, and write -Force in full.");
    }

    /// <summary>The maximum time to wait until the pods are evicted, in seconds or as a TimeSpan. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name, evict, force, timeout) = (Cluster, Name, !KeepPods, (bool)Force, Timeout);
        if (ShouldProcess(name, evict ? "Drain" : "Cordon"))
            Start(name, (events, stop) => Engine.Nodes.SuspendAsync(cluster, name, evict, force, timeout, events, stop));
    }
}
