using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Finds the clusters: the KubeLab contexts of the kubeconfig whose server or control planes are machines of a provider.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<IMachineProvider> _providers;
    private readonly IClusterAccess _access;
    private readonly IHostPool _hosts;
    private readonly TimeProvider _clock;

    internal ClusterInventory(IReadOnlyList<IMachineProvider> providers, IClusterAccess access, IHostPool hosts, TimeProvider clock) =>
        (_providers, _access, _hosts, _clock) = (providers, access, hosts, clock);

    /// <summary>Lists the clusters by name, with version and number of Ready nodes if the API server responds.</summary>
    /// <param name="isWanted">Selects clusters by name.</param>
    /// <param name="events">Receives warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task<IReadOnlyList<KlCluster>> ListAsync(Func<string, bool> isWanted, IProgress<LabEvent> events, CancellationToken stop)
    {
        var contexts = (await _access.ListAsync(stop)).Where(one => isWanted(one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
        if (contexts.Count == 0)
            return [];
        var machines = await MachinesAsync(events, stop);
        var clusters = await Fleet.AllAsync(contexts, (one, token) => ReadAsync(one.Key, one.Value, machines, events, token), 8, stop);
        return [.. clusters.OfType<KlCluster>()];
    }

    /// <summary>A cluster by name, or null.</summary>
    public async Task<KlCluster?> FindAsync(string name, IProgress<LabEvent> events, CancellationToken stop) =>
        (await ListAsync(one => one == name, events, stop)) is [var cluster, ..] ? cluster : null;

    /// <summary>Lists the machines of all providers. Reports a warning for each provider that fails.</summary>
    public async Task<IReadOnlyList<Machine>> MachinesAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var machines = new List<Machine>();
        foreach (var provider in _providers)
            try
            {
                await foreach (var machine in provider.ListAsync(null, stop))
                    machines.Add(machine);
            }
            catch (KlException error)
            {
                events.Warning(provider.Name, error.Message);
            }
        return machines;
    }

    // The server of the context is a control plane, a load balancer, or an address of the user, which no machine has.
    private async Task<KlCluster?> ReadAsync(
        string name, Uri server, IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop)
    {
        var nodes = await ReadNodesAsync(name, events, stop);
        var front = machines.FirstOrDefault(machine => machine.ApiEndpoint == server.Authority);
        var controls = (from node in nodes ?? []
                        where node.IsControlPlane
                        let machine = machines.FirstOrDefault(one => one.Name == node.Name && $"{one.Address}" == node.Address)
                        where machine is not null && (front is null || machine.Lab == front.Lab)
                        orderby machine.State == "Running" descending, node.IsReady descending
                        select machine).ToList();
        if ((front ?? controls.FirstOrDefault())?.Lab is not { } lab)
        {
            events.Warning(
                name, $"the kubeconfig has the context {Kubeconfig.ContextOf(name)}, but {server.Authority} does not belong to a machine of any provider");
            return null;
        }
        var all = machines.Where(machine => machine.Lab == lab && !machine.IsLoadBalancer).Order(MachineOrder.Natural).ToList();
        if ((front is { IsLoadBalancer: false } ? front : controls.FirstOrDefault() ?? all.FirstOrDefault()) is not { } control)
        {
            events.Warning(name, $"the lab {lab} has no machine except its load balancer");
            return null;
        }
        Machine[] ordered = [control, .. controls.Where(one => one != control).Order(MachineOrder.Natural)];
        var cluster = new KlCluster
        {
            Name = name,
            Context = Kubeconfig.ContextOf(name),
            Server = server.AbsoluteUri,
            ControlPlane = control,
            ControlPlanes = [.. ordered],
            LoadBalancer = front is { IsLoadBalancer: true } ? front : null,
            Machines = [.. ordered, .. all.Except(ordered)],
        };
        return nodes is null ? cluster : cluster with
        {
            Version = nodes.FirstOrDefault(node => node.Name == control.Name)?.Version,
            ReadyNodes = nodes.Count(node => node.IsReady),
            Problems = [.. nodes.Where(node => !node.IsReady).Select(node => $"{node.Name} is not Ready: {node.Reason}")],
        };
    }

    private async Task<IReadOnlyList<NodeState>?> ReadNodesAsync(string cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var timeout = new TimeLimit(RequestTimeout, _clock, stop);
        try
        {
            using var api = _access.Open(cluster);
            return await api.NodesAsync(timeout.Token);
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(cluster, $"the API server does not respond: {error.Message}");
            return null;
        }
    }
}
