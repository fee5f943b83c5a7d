using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Finds the clusters: the KubeLab contexts of the kubeconfig whose server is a machine of a provider.</summary>
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
        var clusters = new List<KlCluster>();
        foreach (var (name, server) in contexts)
            if (machines.FirstOrDefault(machine => machine.ApiEndpoint == server.Authority) is { } control)
                clusters.Add(new()
                {
                    Name = name,
                    Context = Kubeconfig.ContextOf(name),
                    Server = server,
                    ControlPlane = control,
                    Machines = [control, .. machines.Where(machine => machine.Lab == control.Lab && machine != control).Order(MachineOrder.Natural)],
                });
            else
                events.Warning(
                    name, $"the kubeconfig has the context {Kubeconfig.ContextOf(name)}, but {server.Authority} does not belong to a machine of any provider");
        return await Fleet.AllAsync(clusters, (cluster, token) => ReadStatusAsync(cluster, events, token), 8, stop);
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

    private async Task<KlCluster> ReadStatusAsync(KlCluster cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var timeout = new TimeLimit(RequestTimeout, _clock, stop);
        try
        {
            using var api = _access.Open(cluster.Name);
            var nodes = await api.NodesAsync(timeout.Token);
            return cluster with
            {
                Version = nodes.FirstOrDefault(node => node.Name == cluster.ControlPlane.Name)?.Version,
                ReadyNodes = nodes.Count(node => node.IsReady),
                Problems = [.. nodes.Where(node => !node.IsReady).Select(node => $"{node.Name} is not Ready: {node.Reason}")],
            };
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(cluster.Name, $"the API server does not respond: {error.Message}");
            return cluster;
        }
    }
}
