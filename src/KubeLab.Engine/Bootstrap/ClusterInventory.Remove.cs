using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Removing machines, and what clusters had of them.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(45);

    /// <summary>Removes machines, all at once. A worker leaves its cluster first where that answers; with its control plane or its last machine a cluster goes, and its context.</summary>
    /// <param name="machines">Which.</param>
    /// <param name="events">What happens.</param>
    /// <param name="failed">Told of each machine that could not be removed; the others go on.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RemoveAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        if (machines.Count == 0)
            return;
        var contexts = await _access.ListAsync(stop);
        var all = contexts.Count == 0 ? [] : await MachinesAsync(events, stop);
        var controls = contexts.ToDictionary(one => one.Key, one => all.FirstOrDefault(machine => machine.ApiEndpoint == one.Value.Authority));
        var removed = new HashSet<(string, string)>();
        await foreach (var (machine, _, error) in Fleet.RunAsync(machines, RemoveOneAsync, 16, stop))
            if (error is null)
                removed.Add((machine.Provider, machine.Id));
            else
                failed(machine, error);
        foreach (var (name, _) in controls.Where(one => IsGone(one.Key, one.Value)))
        {
            await _access.RemoveAsync(name, stop);
            events.Changed(name, "took its context out of the kubeconfig");
        }

        async Task<bool> RemoveOneAsync(Machine machine, CancellationToken token)
        {
            foreach (var (name, control) in controls)
                if (control?.Lab == machine.Lab && machines.All(one => one.ApiEndpoint != control.ApiEndpoint))
                    await LeaveAsync(name, machine, events, token);
            await _providers.First(provider => provider.Name == machine.Provider).DeleteAsync(machine, events, token);
            return true;
        }

        // A control plane that vanished behind our back left its context: it goes with the last machine of its lab.
        bool IsGone(string name, Machine? control) => control is not null
            ? removed.Contains((control.Provider, control.Id))
            : machines.Any(one => one.Lab == name) && all.Where(one => one.Lab == name).All(one => removed.Contains((one.Provider, one.Id)));
    }

    // As kubectl drain and delete node do; what the cluster does not let us do in time must not keep a machine alive.
    private async Task LeaveAsync(string cluster, Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(DrainPatience + TimeSpan.FromSeconds(15));
        try
        {
            using var api = _access.Open(cluster);
            if ((await api.NodesAsync(patience.Token)).All(node => node.Name != machine.Name))
                return;
            events.Step(machine.Name, $"Leaving {cluster}");
            try
            {
                await api.DrainAsync(machine.Name, DrainPatience, events, patience.Token);
            }
            catch (KlException held) when (held.ErrorId == ErrorIds.DrainTimeout)
            {
                events.Warning(machine.Name, $"is removed with pods on it: {held.Message}");
            }
            await api.DeleteNodeAsync(machine.Name, patience.Token);
            events.Changed(machine.Name, $"left {cluster}");
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(machine.Name, $"is removed without leaving {cluster} properly: {error.Message}");
        }
    }
}
