using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Removing machines, and what clusters had of them.</summary>
public sealed partial class Clusters
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
        var gone = contexts.Where(one => machines.Any(machine => machine.ApiEndpoint == one.Value.Authority)).Select(one => one.Key).ToHashSet();
        var left = contexts.Where(one => !gone.Contains(one.Key)).ToList();
        var all = left.Count == 0 ? [] : await MachinesAsync(events, stop);
        var removed = new HashSet<string>();
        await foreach (var (machine, _, error) in Fleet.RunAsync(machines, RemoveOneAsync, 16, stop))
            if (error is null)
                removed.Add(machine.ApiEndpoint);
            else
                failed(machine, error);
        foreach (var name in gone.Where(name => removed.Contains(contexts[name].Authority)))
        {
            await _access.RemoveAsync(name, stop);
            events.Changed(name, "took its context out of the kubeconfig");
        }

        async Task<bool> RemoveOneAsync(Machine machine, CancellationToken token)
        {
            foreach (var (name, server) in left)
                if (all.FirstOrDefault(one => one.ApiEndpoint == server.Authority)?.Lab == machine.Lab)
                    await LeaveAsync(name, machine, events, token);
            await _providers.First(provider => provider.Name == machine.Provider).DeleteAsync(machine, events, token);
            return true;
        }
    }

    // As kubectl drain and delete node do; what the cluster does not let us do in time must not keep a machine alive.
    private async Task LeaveAsync(string cluster, Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(DrainPatience);
        try
        {
            using var api = _access.Open(cluster);
            if ((await api.NodesAsync(patience.Token)).All(node => node.Name != machine.Name))
                return;
            events.Step(machine.Name, $"Leaving {cluster}");
            await api.ApplyAsync(
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Node",
                    ["metadata"] = new JsonObject { ["name"] = machine.Name },
                    ["spec"] = new JsonObject { ["unschedulable"] = true },
                }, patience.Token);
            foreach (var pod in await api.MovablePodsAsync(machine.Name, patience.Token))
                await api.DeletePodAsync(pod, patience.Token);
            await Wait.UntilAsync(
                token => api.MovablePodsAsync(machine.Name, token),
                pods => pods.Count == 0 ? Verdict.Ready : Verdict.Pending($"{pods[0]} is still there"),
                new(machine.Name, "its pods to go", DrainPatience, TimeSpan.FromSeconds(1)), _clock, patience.Token);
            await api.DeleteNodeAsync(machine.Name, patience.Token);
            events.Changed(machine.Name, $"left {cluster}");
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(machine.Name, $"is removed without leaving {cluster} properly: {error.Message}");
        }
    }
}
