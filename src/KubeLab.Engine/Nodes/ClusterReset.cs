using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.LoadBalancers;

namespace KubeLab.Engine.Nodes;

/// <summary>Removes a cluster from its machines.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="kubeadm">Resets machines.</param>
/// <param name="clusters">Finds machines.</param>
/// <param name="balancers">Configures load balancers.</param>
/// <param name="clock">The clock.</param>
public sealed class ClusterReset(KubeSession kube, Kubeadm kubeadm, ClusterInventory clusters, LoadBalancerClient balancers, TimeProvider clock)
{
    private const int Parallelism = 32;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly NodeMachines _machines = new(kubeadm, clock);

    /// <summary>Resets all machines of a cluster in parallel. When all of them are clean, its context is removed from the kubeconfig, so that an incomplete
    /// run can be continued.</summary>
    /// <param name="cluster">The cluster. Machines of its lab that belong to other clusters are not changed.</param>
    /// <param name="done">Receives each clean machine.</param>
    /// <param name="failed">Receives each machine that was not cleaned. The others are still cleaned.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task ResetAsync(
        KlCluster cluster, Action<Machine> done, Action<Machine, Exception> failed, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (joined, subnet) = await JoinedAsync(cluster, events, stop);
        var (all, isComplete) = (joined.Concat(cluster.Machines).DistinctBy(KeyOf), true);
        await foreach (var (machine, isClean, error) in Fleet.RunAsync(all, ResetOneAsync, Parallelism, stop))
            if (error is not null)
            {
                isComplete = false;
                failed(machine, error);
            }
            else if (isClean)
                done(machine);
        if (!isComplete)
            return;
        if (cluster.LoadBalancer is not null)
            await balancers.ClearAsync(cluster.LoadBalancer, events, stop);
        await Kubeconfig.RemoveAsync(cluster.Name, clock, stop);
        events.Changed(cluster.Name, "removed the context from the kubeconfig");

        // Returns whether the machine is clean now.
        async Task<bool> ResetOneAsync(Machine machine, CancellationToken token)
        {
            var facts = await ReadAsync(machine, events, token);
            var isForeign = facts.Cluster is null && facts.HasKubelet;
            if (facts.Cluster is not null && facts.Cluster != cluster.Name)
            {
                events.Detail(machine.Name, $"is a node of {facts.Cluster}");
                return false;
            }
            if (isForeign && joined.All(one => KeyOf(one) != KeyOf(machine)))
            {
                events.Warning(machine.Name, "it has a Kubernetes installation that KubeLab did not create, which was not changed");
                return false;
            }
            await kubeadm.ResetAsync(machine, new(cluster.Name) { PodSubnet = subnet, IsForeign = isForeign }, events, token);
            return true;
        }
    }

    private static (string, string) KeyOf(Machine machine) => (machine.Provider, machine.Id);

    private async Task<NodeFacts> ReadAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            return await _machines.ReadAsync(machine, events, stop);
        }
        catch (KlException problem)
        {
            throw new KlException(problem.ErrorId, problem.Kind, machine.Name, $"{machine} was not cleaned: {problem.Message}",
                "Start the machine and run the same command again. If it is lost, remove it first.", problem);
        }
    }

    // The machines of the nodes, also of other labs, and the pod subnet. An API server that is down does not prevent the reset.
    private async Task<(IReadOnlyList<Machine> Machines, string? PodSubnet)> JoinedAsync(
        KlCluster cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var timeout = new TimeLimit(RequestTimeout, clock, stop);
        var found = new List<Machine>();
        try
        {
            using var api = kube.Open(cluster.Context);
            var machines = await clusters.MachinesAsync(events, stop);
            await foreach (var node in api.ListAsync<V1Node>(null, new KubeSelector(), timeout.Token))
                if (NodeMachines.Of(node, machines) is { } machine)
                    found.Add(machine);
                else
                    events.Warning(node.Metadata.Name, $"the node of {cluster} was not cleaned, because no provider has its machine");
            return (found, await RemovalRun.PodSubnetAsync(api, timeout.Token));
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(cluster.Name, $"the nodes could not be listed, so only the machines of the lab are cleaned: {error.Message}");
            return (found, null);
        }
    }
}
