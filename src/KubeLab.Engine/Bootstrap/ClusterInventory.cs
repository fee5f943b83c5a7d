using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The clusters there are: kubelab contexts of the kubeconfig whose server is a machine of some provider.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<IMachineProvider> _providers;
    private readonly IClusterAccess _access;
    private readonly IHostPool _hosts;

    internal ClusterInventory(IReadOnlyList<IMachineProvider> providers, IClusterAccess access, IHostPool hosts) =>
        (_providers, _access, _hosts) = (providers, access, hosts);

    /// <summary>All clusters by name, with version and Ready nodes of those that answer.</summary>
    /// <param name="isWanted">Says by the name which.</param>
    /// <param name="events">What is wrong with one.</param>
    /// <param name="stop">Ends it.</param>
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
                events.Warning(name, $"the kubeconfig has context {Kubeconfig.ContextOf(name)}, but {server.Authority} does not belong to a machine of any provider");
        return await Fleet.AllAsync(clusters, (cluster, token) => AskAsync(cluster, events, token), 8, stop);
    }

    /// <summary>A cluster by name, or null.</summary>
    public async Task<KlCluster?> FindAsync(string name, IProgress<LabEvent> events, CancellationToken stop) =>
        (await ListAsync(one => one == name, events, stop)) is [var cluster, ..] ? cluster : null;

    /// <summary>All machines of all providers; a provider that does not answer is warned of.</summary>
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

    private async Task<KlCluster> AskAsync(KlCluster cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            using var api = _access.Open(cluster.Name);
            var nodes = await api.NodesAsync(patience.Token);
            return cluster with
            {
                Version = nodes.FirstOrDefault(node => node.Name == cluster.ControlPlane.Name)?.Version,
                ReadyNodes = nodes.Count(node => node.IsReady),
                Problems = [.. nodes.Where(node => !node.IsReady).Select(node => $"{node.Name} is not Ready: {node.Reason}")],
            };
        }
        catch (Exception error) when (error is KlException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            events.Warning(cluster.Name, $"its API server does not answer: {error.Message}");
            return cluster;
        }
    }
}
