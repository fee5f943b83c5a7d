using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Joins machines to a cluster as nodes.</summary>
/// <remarks>Waits until every node is Ready. The error for a node that is not Ready contains the kubelet's messages. Existing nodes are not changed.</remarks>
/// <example>Continue a pipeline from an earlier session
/// <code>Get-KlCluster kubernetes | Join-KlNode</code></example>
/// <example>Add two nodes
/// <code>Get-KlCluster kubernetes | Join-KlNode -Vm (New-KlVm -Name kubernetes -Count 6 | Install-KlKubeadm)</code></example>
[Cmdlet(VerbsCommon.Join, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class JoinKlNode : KlCmdlet
{
    /// <summary>The clusters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public KlCluster[] Cluster { get; set; } = [];

    /// <summary>Additional machines that do not belong to the cluster yet.</summary>
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
