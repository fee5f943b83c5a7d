using System.Management.Automation;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>
/// <para type="synopsis">Lets a node take new pods again.</para>
/// <para type="description">Does what kubectl uncordon does. Pods that were evicted do not come back by themselves; new ones come as the scheduler sees fit.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Resume-KlNode kubernetes-2</code>
/// </example>
/// <example>
/// <para>All that take none</para>
/// <code>Get-KlNode | Where-Object Status -like *SchedulingDisabled | Resume-KlNode</code>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class ResumeKlNode : NodeCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name) = (Cluster, Name);
        if (ShouldProcess(name, "Take new pods"))
            Start(name, (events, stop) => Engine.Nodes.ResumeAsync(cluster, name, events, stop));
    }
}
