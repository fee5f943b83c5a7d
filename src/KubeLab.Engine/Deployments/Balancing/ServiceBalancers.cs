using System.Globalization;
using System.Net;
using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.LoadBalancers;

namespace KubeLab.Engine.Deployments.Balancing;

/// <summary>Distributes the connections to services among all nodes, with the load balancers of labs.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="clusters">Finds the machines of clusters.</param>
/// <param name="balancers">Configures the load balancers.</param>
public sealed class ServiceBalancers(KubeSession kube, ClusterInventory clusters, LoadBalancerClient balancers)
{
    /// <summary>Creates a load balancer for the TCP ports of a service that nodes serve. An existing one is changed if necessary.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for that of the context.</param>
    /// <param name="name">The service.</param>
    /// <param name="port">The port of the load balancer, or null for the port of the service.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>One for each port.</returns>
    /// <exception cref="KlException">ServiceNotFound, ServiceNodePortMissing, ServicePortAmbiguous, ClusterNotFound, LoadBalancerUnsupported,
    /// LoadBalancerPortTaken, and the errors of <see cref="LoadBalancerClient"/>.</exception>
    public async Task<IReadOnlyList<KlLoadBalancer>> CreateAsync(
        string? cluster, string? ns, string name, int? port, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        ns ??= api.DefaultNamespace;
        var service = await api.FindAsync<V1Service>(name, ns, stop) ?? throw new KlException(ErrorIds.ServiceNotFound, KlErrorKind.NotFound, name,
            $"Service '{ns}/{name}' was not found in cluster '{api.Cluster}'.");
        var ports = (service.Spec.Ports ?? []).Where(one => one is { NodePort: > 0, Protocol: null or "TCP" }).ToList();
        if (ports.Count == 0)
            throw new KlException(ErrorIds.ServiceNodePortMissing, KlErrorKind.InvalidInput, name,
                $"{ns}/{name} has the type {service.Spec.Type} and no TCP port on the nodes.", "Change the type of the service to NodePort.");
        if (port is not null && ports.Count > 1)
            throw new KlException(ErrorIds.ServicePortAmbiguous, KlErrorKind.InvalidInput, name,
                $"{ns}/{name} has several ports ({string.Join(", ", ports.Select(one => one.Port))}), which the load balancer cannot serve on one port.",
                "Omit -Port.");
        var found = await FindAsync(api.Cluster, events, stop);
        var machine = await balancers.EnsureAsync(found.ControlPlane, events, stop);
        var nodes = await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop);
        foreach (var one in ports)
        {
            var frontend = new Frontend(FrontendOf(ns, name, one.Port), port ?? one.Port, ServersOf(nodes, one.NodePort!.Value));
            await balancers.SetAsync(machine, frontend with { Scheme = KlService.SchemeOf(one) }, events, stop);
        }
        var created = (await ReadAsync(found, machine, stop)).Where(one => one.Namespace == ns && one.Name == name).ToList();
        await ServiceProbe.WaitAsync(name, [.. created.Select(one => one.Address)], _ => null, api.Clock, events, stop);
        return created;
    }

    /// <summary>Lists the load balancers of services in clusters.</summary>
    /// <param name="isWanted">Selects clusters by name.</param>
    /// <param name="events">Receives warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task<IReadOnlyList<KlLoadBalancer>> ListAsync(Func<string, bool> isWanted, IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = await Fleet.AllAsync(await clusters.ListAsync(isWanted, events, stop), async (cluster, token) =>
            await balancers.FindAsync(cluster.ControlPlane, token) is { } machine ? await ReadAsync(cluster, machine, token) : [], 8, stop);
        return [.. all.SelectMany(some => some)];
    }

    /// <summary>Removes a port from the load balancer. The service and the machine are kept. Does nothing if it is absent.</summary>
    /// <exception cref="KlException">The errors of <see cref="LoadBalancerClient.RemoveAsync"/>.</exception>
    public Task RemoveAsync(KlLoadBalancer balancer, IProgress<LabEvent> events, CancellationToken stop) =>
        balancers.RemoveAsync(balancer.Machine, balancer.Frontend, events, stop);

    private async Task<KlCluster> FindAsync(string name, IProgress<LabEvent> events, CancellationToken stop) =>
        await clusters.FindAsync(name, events, stop) ?? throw new KlException(ErrorIds.ClusterNotFound, KlErrorKind.NotFound, name,
            $"KubeLab has no machines of the cluster '{name}'.");

    // Names of namespaces and services contain no dots.
    private static string FrontendOf(string ns, string name, int port) =>
        $"{Frontend.ServicePrefix}{ns}.{name}.{port.ToString(CultureInfo.InvariantCulture)}";

    private static IReadOnlyList<(string Name, IPEndPoint Address)> ServersOf(IEnumerable<V1Node> nodes, int port) =>
        [.. from node in nodes
            orderby node.Metadata.Name
            where IPAddress.TryParse(KlNode.AddressOf(node, "InternalIP"), out _)
            select (node.Metadata.Name, new IPEndPoint(IPAddress.Parse(KlNode.AddressOf(node, "InternalIP")!), port))];

    private async Task<IReadOnlyList<KlLoadBalancer>> ReadAsync(KlCluster cluster, Machine machine, CancellationToken stop) =>
        [.. from one in await balancers.ReadAsync(machine, stop)
            where one.Name.StartsWith(Frontend.ServicePrefix, StringComparison.Ordinal)
            let parts = one.Name[Frontend.ServicePrefix.Length..].Split('.')
            where parts.Length == 3
            let address = new IPEndPoint(IPAddress.Parse(machine.PublicAddress ?? machine.Address), one.Port)
            select new KlLoadBalancer
            {
                Name = parts[1],
                Namespace = parts[0],
                Cluster = cluster.Name,
                Port = one.Port,
                Address = $"{address}",
                Url = one.Scheme is null ? null : new UriBuilder(one.Scheme, $"{address.Address}", one.Port).Uri.AbsoluteUri,
                Frontend = one.Name,
                Machine = machine,
                Servers = [.. one.Servers],
            }];
}
