using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Removes machines and their nodes, clusters and contexts.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(45);

    /// <summary>Removes machines in parallel. A node is first drained and removed from its cluster, if the cluster continues without it and responds.
    /// The context of a cluster is removed with its control plane; if it has several, with the last machine.</summary>
    /// <param name="machines">The machines.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="failed">Receives each machine that could not be removed. The others are still removed.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task RemoveAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        if (machines.Count == 0)
            return;
        var contexts = await _access.ListAsync(stop);
        var all = contexts.Count == 0 ? [] : await MachinesAsync(events, stop);
        var controls = contexts.ToDictionary(one => one.Key, one => all.FirstOrDefault(machine => machine.ApiEndpoint == one.Value.Authority));
        // Without such a machine, the context leads to an address of the user, or its control plane was deleted elsewhere.
        var unknown = controls.Where(one => one.Value is null && machines.Any(machine => machine.Lab == one.Key)).Select(one => one.Key).ToList();
        var responding = (await Fleet.AllAsync(unknown, async (name, token) => (name, await ReadNodesAsync(name, events, token) is not null), 8, stop))
            .Where(one => one.Item2).Select(one => one.name).ToList();
        var removed = new HashSet<(string, string)>();
        await foreach (var (machine, _, error) in Fleet.RunAsync(machines, RemoveOneAsync, 16, stop))
            if (error is null)
                removed.Add((machine.Provider, machine.Id));
            else
                failed(machine, error);
        foreach (var (name, _) in controls.Where(one => IsRemoved(one.Key, one.Value)))
        {
            await _access.RemoveAsync(name, stop);
            events.Changed(name, "removed the context from the kubeconfig");
        }

        async Task<bool> RemoveOneAsync(Machine machine, CancellationToken token)
        {
            foreach (var (name, control) in controls)
                if (control is null ? name == machine.Lab && responding.Contains(name) && !all.Where(one => one.Lab == name).All(machines.Contains)
                    : control.Lab == machine.Lab && machines.All(one => one.ApiEndpoint != control.ApiEndpoint))
                    await RemoveNodeAsync(name, machine, [.. all.Where(one => one.Lab == machine.Lab && !machines.Contains(one))], events, token);
            await _providers.First(provider => provider.Name == machine.Provider).DeleteAsync(machine, events, token);
            return true;
        }

        // A load balancer can be created again. If the control plane was deleted elsewhere, its context is removed with the last machine of the lab.
        bool IsRemoved(string name, Machine? control)
        {
            if (control is { IsLoadBalancer: false })
                return removed.Contains((control.Provider, control.Id));
            var lab = control?.Lab ?? name;
            return machines.Any(one => one.Lab == lab) && all.Where(one => one.Lab == lab).All(one => removed.Contains((one.Provider, one.Id)));
        }
    }

    // Like kubectl drain and kubectl delete node. If the cluster prevents this, the machine is removed anyway.
    private async Task RemoveNodeAsync(
        string cluster, Machine machine, IReadOnlyList<Machine> others, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var timeout = new TimeLimit(DrainTimeout + TimeSpan.FromSeconds(15), _clock, stop);
        try
        {
            using var api = _access.Open(cluster);
            var nodes = await api.NodesAsync(timeout.Token);
            if (nodes.FirstOrDefault(node => node.Name == machine.Name) is not { } own)
                return;
            events.Step(machine.Name, $"Removing the node from {cluster}");
            try
            {
                await api.DrainAsync(machine.Name, DrainTimeout, events, timeout.Token);
            }
            catch (KlException timedOut) when (timedOut.ErrorId == ErrorIds.DrainTimeout)
            {
                events.Warning(machine.Name, $"removing the machine although it was not drained: {timedOut.Message}");
            }
            if (own.IsControlPlane && others.FirstOrDefault(one => nodes.Any(node => node.Name == one.Name && node is { IsControlPlane: true, IsReady: true }))
                is { } other)
                await EtcdMembers.RemoveAsync(_hosts, other, machine.Name, own.Address, events, timeout.Token);
            await api.DeleteNodeAsync(machine.Name, timeout.Token);
            events.Changed(machine.Name, $"removed the node from {cluster}");
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(machine.Name, $"removing the machine although its node could not be removed from {cluster}: {error.Message}");
        }
    }
}
