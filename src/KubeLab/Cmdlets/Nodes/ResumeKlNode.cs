using System.Management.Automation;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Marks a node as schedulable.</summary>
/// <remarks>Does the same as kubectl uncordon. Evicted pods do not move back to the node.</remarks>
/// <example>Uncordon a node
/// <code>Resume-KlNode kubernetes-2</code></example>
/// <example>Uncordon all nodes that are cordoned
/// <code>Get-KlNode | Where-Object Status -like *SchedulingDisabled | Resume-KlNode</code></example>
[Cmdlet(VerbsLifecycle.Resume, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class ResumeKlNode : NodeCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name) = (Cluster, Name);
        if (ShouldProcess(name, "Uncordon"))
            Start(name, (events, stop) => Engine.Nodes.ResumeAsync(cluster, name, events, stop));
    }
}
