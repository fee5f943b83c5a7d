using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.LoadBalancers;

/// <summary>Manages the load balancers of labs: machines with HAProxy.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">Create machines.</param>
public sealed class LoadBalancerClient(IHostPool hosts, IReadOnlyList<IMachineProvider> providers)
{
    private static readonly Dictionary<string, NodeError> Known = new()
    {
        [ErrorIds.LoadBalancerPortTaken] = new(KlErrorKind.Exists, "Choose another port."),
    };

    /// <summary>Whether the provider of a machine can create a load balancer.</summary>
    public bool CanCreate(Machine machine) => ProviderOf(machine) is not null;

    /// <summary>Returns the load balancer of a machine's lab. Creates it if it does not exist.</summary>
    /// <exception cref="KlException">LoadBalancerUnsupported, and the errors of <see cref="ILoadBalancerProvider.CreateLoadBalancerAsync"/>.</exception>
    public async Task<Machine> EnsureAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop) =>
        ProviderOf(machine) is { } provider ? await provider.CreateLoadBalancerAsync(machine.Lab, events, stop) : throw new KlException(
            ErrorIds.LoadBalancerUnsupported, KlErrorKind.InvalidInput, machine.Lab,
            $"KubeLab cannot create a load balancer for machines of the provider {machine.Provider}.");

    /// <summary>The load balancer of a machine's lab, or null.</summary>
    /// <exception cref="KlException">The provider does not respond.</exception>
    public async Task<Machine?> FindAsync(Machine machine, CancellationToken stop) => ProviderOf(machine) is IMachineProvider provider
        ? await provider.ListAsync(machine.Lab, stop).FirstOrDefaultAsync(one => one.IsLoadBalancer, stop) : null;

    /// <summary>Sets a frontend. Installs HAProxy on the machine if necessary. Connections of other frontends continue.</summary>
    /// <exception cref="KlException">LoadBalancerPortTaken, MachineInUse, AptFailed, ServiceDown, LoadBalancerFailed.</exception>
    internal Task SetAsync(Machine balancer, Frontend frontend, IProgress<LabEvent> events, CancellationToken stop) =>
        RunAsync(balancer, new()
        {
            ["FRONTEND"] = frontend.Name, ["PORT"] = frontend.Port.ToString(CultureInfo.InvariantCulture), ["SECTION"] = frontend.Section(),
        }, events, stop);

    /// <summary>Removes a frontend. Does nothing if it is absent.</summary>
    /// <exception cref="KlException">ServiceDown, LoadBalancerFailed.</exception>
    internal Task RemoveAsync(Machine balancer, string frontend, IProgress<LabEvent> events, CancellationToken stop) =>
        RunAsync(balancer, new() { ["FRONTEND"] = frontend }, events, stop);

    /// <summary>Reads the frontends, by name.</summary>
    /// <exception cref="KlException">LoadBalancerFailed.</exception>
    internal async Task<IReadOnlyList<FrontendState>> ReadAsync(Machine balancer, CancellationToken stop)
    {
        await using var host = hosts.Open(balancer.Name, balancer.Ssh);
        var facts = await NodeScript.RunAsync(
            host, "balancer-state", new Dictionary<string, string?>(), Known, ErrorIds.LoadBalancerFailed, new Progress<LabEvent>(), stop);
        return [.. from fact in facts
            let key = fact.Key.Split('/')
            where key is ["frontend", _]
            orderby key[1]
            let value = fact.Value.Split(' ', 2)
            select new FrontendState(key[1], int.Parse(value[0], CultureInfo.InvariantCulture), value.ElementAtOrDefault(1), [.. ServersOf(key[1], facts)])];
    }

    /// <summary>Sets the servers of all services to the nodes of a cluster. Does nothing if the lab of a machine has no load balancer.</summary>
    /// <exception cref="KlException">ServiceDown, LoadBalancerFailed.</exception>
    internal async Task FollowAsync(Machine machine, IEnumerable<(string Name, string Address)> nodes, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await FindAsync(machine, stop) is not { State: "Running" } balancer)
            return;
        await RunAsync(balancer, new() { ["NODES"] = string.Join('\n', nodes.Select(node => $"{node.Name} {node.Address}")) }, events, stop);
    }

    /// <summary>Removes all frontends. The machine stays.</summary>
    /// <exception cref="KlException">ServiceDown, LoadBalancerFailed.</exception>
    internal Task ClearAsync(Machine balancer, IProgress<LabEvent> events, CancellationToken stop) =>
        RunAsync(balancer, [], events, stop);

    private async Task RunAsync(Machine balancer, Dictionary<string, string?> parameters, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(balancer.Name, balancer.Ssh);
        foreach (var name in (string[])["FRONTEND", "PORT", "SECTION", "NODES"])
            parameters.TryAdd(name, "");
        parameters["CONTAINER"] = balancer.IsContainer ? "1" : "";
        await NodeScript.RunAsync(host, "balancer", parameters, Known, ErrorIds.LoadBalancerFailed, events, stop);
    }

    // HAProxy lists each server by its frontend and name.
    private static IEnumerable<KlLoadBalancerServer> ServersOf(string frontend, IReadOnlyDictionary<string, string> facts) =>
        from fact in facts
        let key = fact.Key.Split('/')
        where key.Length == 3 && key[0] == "server" && key[1] == frontend
        orderby key[2]
        let value = fact.Value.Split(' ', 2)
        select new KlLoadBalancerServer(key[2], value[0], value.ElementAtOrDefault(1) ?? "");

    private ILoadBalancerProvider? ProviderOf(Machine machine) =>
        providers.FirstOrDefault(one => one.Name == machine.Provider) as ILoadBalancerProvider;
}
