using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>
/// <para type="synopsis">Joins a cluster's machines to it as nodes.</para>
/// <para type="description">Waits until every node is Ready; one that is not is named, with what its kubelet says. Nodes that joined before are left alone.</para>
/// </summary>
/// <example>
/// <para>Carry on where an earlier pipeline stopped</para>
/// <code>Get-KlCluster kubernetes | Join-KlNode</code>
/// </example>
/// <example>
/// <para>Two more nodes</para>
/// <code>Get-KlCluster kubernetes | Join-KlNode -Vm (New-KlVm -Name kubernetes -Count 6 | Install-KlKubeadm)</code>
/// </example>
[Cmdlet(VerbsCommon.Join, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class JoinKlNode : KlCmdlet
{
    /// <summary><para type="description">The clusters.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public KlCluster[] Cluster { get; set; } = [];

    /// <summary><para type="description">Machines to add beyond the cluster's own.</para></summary>
    [Parameter]
    public Machine[] Vm { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var cluster in Cluster)
            if (ShouldProcess(cluster.Name, "Join nodes"))
                Start(cluster, (events, stop) => Engine.Kubeadm.JoinAsync(cluster, Vm, events, Fail, stop));
    }
}
