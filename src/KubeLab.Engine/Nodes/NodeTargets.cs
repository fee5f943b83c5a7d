using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Nodes;

/// <summary>Finds the machines of nodes, also while the API server is down.</summary>
/// <param name="clusters">Finds clusters and machines.</param>
public sealed class NodeTargets(ClusterInventory clusters)
{
    /// <summary>Finds the machines of nodes. A machine is returned once, even if several targets select it.</summary>
    /// <param name="targets">The nodes.</param>
    /// <param name="failed">Receives each target that was not found.</param>
    /// <param name="events">Receives warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task<IReadOnlyList<Machine>> FindAsync(
        IEnumerable<NodeTarget> targets, Action<string, Exception> failed, IProgress<LabEvent> events, CancellationToken stop)
    {
        var found = new List<Machine>();
        IReadOnlyList<Machine>? all = null;
        var known = new Dictionary<string, IReadOnlyList<Machine>>();
        foreach (var target in targets)
            try
            {
                var from = target.Machines ?? (NeedsCluster(target) ? await OfClusterAsync(target.Cluster ?? await CurrentAsync(stop)) : await AllAsync());
                var own = from.Where(machine => target.Matches(machine.Name) && (target.Address is null || $"{machine.Address}" == target.Address)).ToList();
                if (own.Count == 0 && target is { Name: { } name, IsPattern: false })
                    throw new KlException(ErrorIds.NodeMachineNotFound, KlErrorKind.NotFound, name,
                        $"No machine of the node '{name}'{(target.Cluster is { } cluster ? $" of cluster '{cluster}'" : "")} was found.");
                found.AddRange(own);
            }
            catch (KlException error)
            {
                failed(target.ToString(), error);
            }
        return [.. found.DistinctBy(machine => (machine.Provider, machine.Id)).Order(MachineOrder.ByLab)];

        async Task<IReadOnlyList<Machine>> AllAsync() =>
            all ??= [.. (await clusters.MachinesAsync(events, stop)).Where(machine => !machine.IsLoadBalancer)];

        async Task<IReadOnlyList<Machine>> OfClusterAsync(string name) => known.TryGetValue(name, out var machines) ? machines
            : known[name] = (await clusters.FindAsync(name, events, stop))?.Machines ?? throw new KlException(
                ErrorIds.ClusterNotFound, KlErrorKind.NotFound, name, $"Cluster '{name}' was not found.");
    }

    // The name and the address of a node identify its machine, which can be in the lab of another cluster.
    private static bool NeedsCluster(NodeTarget target) => target.Address is null && (target.Cluster is not null || target.Name is null);

    private static async Task<string> CurrentAsync(CancellationToken stop)
    {
        var current = (await Kubeconfig.ContextsAsync(stop)).FirstOrDefault(context => context.Current)?.Name;
        return (await Kubeconfig.ListAsync(stop)).Keys.FirstOrDefault(cluster => Kubeconfig.ContextOf(cluster) == current) ?? throw new KlException(
            ErrorIds.KubeContextNotFound, KlErrorKind.NotFound, current ?? "current-context",
            current is null ? "The kubeconfig has no current context." : $"The current context '{current}' does not belong to a KubeLab cluster.",
            "Specify nodes, machines or a cluster.");
    }
}
