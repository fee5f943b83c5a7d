using System.Management.Automation;

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
public sealed class SuspendKlNode : DrainCmdlet
{
    /// <summary>Cordons the node without evicting pods.</summary>
    [Parameter]
    public SwitchParameter KeepPods { get; set; }

    /// <summary>Also evicts pods without a controller and pods with data in emptyDir volumes. This data is lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name, evict, force, timeout) = (Cluster, Name, !KeepPods, (bool)Force, Timeout);
        if (ShouldProcess(name, evict ? "Drain" : "Cordon"))
            Start(name, (events, stop) => Engine.Nodes.SuspendAsync(cluster, name, evict, force, timeout, events, stop));
    }
}
