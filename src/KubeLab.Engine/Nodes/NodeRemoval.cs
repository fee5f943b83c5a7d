using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Nodes;

/// <summary>How nodes are removed.</summary>
/// <param name="Force">Whether to lose data of pods and volumes, and to remove nodes whose machine cannot be cleaned.</param>
/// <param name="Timeout">The maximum time to drain a node.</param>
public sealed record NodeRemovalOptions(bool Force, TimeSpan Timeout);

/// <summary>Removes nodes from their cluster and cleans their machines.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="kubeadm">Resets machines.</param>
/// <param name="clusters">Finds machines.</param>
/// <param name="clock">The clock.</param>
public sealed class NodeRemoval(KubeSession kube, Kubeadm kubeadm, ClusterInventory clusters, TimeProvider clock)
{
    private const int Parallelism = 16;

    /// <summary>Drains nodes, resets their machines and deletes the nodes. An interrupted run is continued.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="names">The nodes. Control planes are removed one after another.</param>
    /// <param name="options">The options.</param>
    /// <param name="removed">Receives each machine that was cleaned.</param>
    /// <param name="failed">Receives each node that was not removed. The others are still removed.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task RemoveAsync(string? cluster, IReadOnlyList<string> names, NodeRemovalOptions options, Action<Machine> removed,
        Action<string, Exception> failed, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var machines = await clusters.MachinesAsync(events, stop);
        var (nodes, isChanged) = (await ListAsync(), false);
        var controls = names.Where(name => nodes.Any(node => node.Metadata.Name == name && NodeState.HasControlPlaneLabel(node))).ToList();
        await RunAsync([.. names.Except(controls)]);
        for (var index = 0; index < controls.Count; index++)
        {
            // The one before may have changed the quorum of etcd.
            if (index > 0)
                nodes = await ListAsync();
            await RunAsync([controls[index]]);
        }
        if (isChanged && machines.Any(machine => machine.IsLoadBalancer) && await clusters.FindAsync(api.Cluster, events, stop) is { } found)
            await kubeadm.BalanceAsync(found, events, stop);

        async Task<IReadOnlyList<V1Node>> ListAsync() => await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop);

        async Task RunAsync(IReadOnlyList<string> some)
        {
            var run = new RemovalRun(api, kubeadm, nodes, machines, options, events, clock);
            await foreach (var (name, machine, error) in Fleet.RunAsync(some, run.RemoveAsync, Parallelism, stop))
                if (error is not null)
                    failed(name, error);
                else
                {
                    isChanged = true;
                    if (machine is not null)
                        removed(machine);
                }
        }
    }
}
