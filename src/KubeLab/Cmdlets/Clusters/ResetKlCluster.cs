using System.Management.Automation;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Removes a cluster from its machines and keeps the machines.</summary>
/// <remarks>Runs kubeadm reset on all machines in parallel, without draining the nodes, and removes what kubeadm reset leaves, as Remove-KlNode does.
/// Then removes the context from your kubeconfig. Returns the machines, from which Initialize-KlCluster can create a cluster again. Packages and images
/// stay. Data of volumes in folders of a machine is moved to /var/lib/kubelab/volumes-CLUSTER-TIME. If a machine cannot be cleaned, the context stays,
/// and the same command continues.</remarks>
/// <example>Remove a cluster
/// <code>Get-KlCluster kubernetes | Reset-KlCluster</code></example>
/// <example>Create a cluster again with another pod network
/// <code>Reset-KlCluster kubernetes -Confirm:$false | Initialize-KlCluster -PodNetwork Flannel | Join-KlNode</code></example>
[Cmdlet(VerbsCommon.Reset, "KlCluster", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Machine))]
public sealed class ResetKlCluster : SelectedClusterCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var cluster in Cluster)
            if (IsConfirmed(cluster))
                Start(cluster, (events, stop) => Engine.ClusterReset.ResetAsync(cluster, Write, Fail, events, stop));
        foreach (var name in Name)
            Start(name, async (events, stop) =>
            {
                var clusters = await FindAsync(name, events, stop);
                var selected = await AskAsync(() => clusters.Where(IsConfirmed).ToList(), stop);
                await Task.WhenAll(selected.Select(cluster => Engine.ClusterReset.ResetAsync(cluster, Write, Fail, events, stop)));
            });
    }

    private bool IsConfirmed(KlCluster cluster) =>
        ShouldProcess($"{cluster} ({string.Join(", ", cluster.Machines.Select(machine => machine.Name))})", "Remove the cluster from its machines");
}
