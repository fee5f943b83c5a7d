using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.LoadBalancers;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Several control planes.</summary>
public sealed partial class Kubeadm
{
    private const string ApiFrontend = "kubernetes-api";
    private const string ControlPlaneRole = "control-plane", WorkerRole = "worker";

    /// <summary>Sets the load balancer of a cluster to its current control planes and nodes. Does nothing if the cluster has no load balancer.</summary>
    /// <exception cref="KlException">The errors of <see cref="LoadBalancerClient.SetAsync"/>, ApiServerTimeout.</exception>
    internal async Task BalanceAsync(KlCluster cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = _clusters.Open(cluster.Name);
        if (cluster.LoadBalancer is not null)
            await BalanceAsync(cluster.LoadBalancer, ControlPlanesOf(await NodesAsync(api, cluster.Name, events, stop)), events, stop);
        await FollowNodesAsync(api, cluster.ControlPlane, events, stop);
    }

    private async Task FollowNodesAsync(INodeApi api, Machine control, IProgress<LabEvent> events, CancellationToken stop)
    {
        var nodes = await api.NodesAsync(stop);
        await _balancers.FollowAsync(
            control, nodes.Where(node => node.Address is not null).OrderBy(node => node.Name).Select(node => (node.Name, node.Address!)), events, stop);
    }

    /// <summary>Removes a lost machine from the members of etcd. Does nothing if it is not a member.</summary>
    /// <exception cref="KlException">EtcdNotLeft, and the errors of <see cref="Remote.IHost.RunAsync"/>.</exception>
    internal Task RemoveEtcdMemberAsync(Machine control, string name, string? address, IProgress<LabEvent> events, CancellationToken stop) =>
        EtcdMembers.RemoveAsync(_hosts, control, name, address, events, stop);

    /// <summary>Asks all members of etcd whether they are healthy.</summary>
    /// <exception cref="KlException">The errors of <see cref="Remote.IHost.RunAsync"/>.</exception>
    internal Task<EtcdHealth> EtcdHealthAsync(Machine control, IProgress<LabEvent> events, CancellationToken stop) =>
        EtcdMembers.HealthAsync(_hosts, control, events, stop);

    private Task BalanceAsync(Machine balancer, IEnumerable<(string Name, IPAddress Address)> controls, IProgress<LabEvent> events, CancellationToken stop) =>
        _balancers.SetAsync(balancer, new(ApiFrontend, ApiPort, [.. controls.Select(one => (one.Name, new IPEndPoint(one.Address, ApiPort)))])
        {
            HealthPath = "/readyz",
        }, events, stop);

    private static IEnumerable<(string Name, IPAddress Address)> ControlPlanesOf(IEnumerable<NodeState> nodes) =>
        from node in nodes
        where node is { IsControlPlane: true, Address: not null }
        orderby node.Name
        select (node.Name, IPAddress.Parse(node.Address!));

    // Checked before anything is changed.
    private void CheckControlPlanes(
        string name, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found, InitializeOptions options, ClusterEndpoint? endpoint, IProgress<LabEvent> events)
    {
        if (options.Endpoint is { } text && endpoint != ClusterEndpoint.Parse(text))
            throw new KlException(ErrorIds.ControlPlaneEndpointDiffers, KlErrorKind.Exists, name,
                $"{name} was created {(endpoint is null ? "without an endpoint" : $"with the endpoint {endpoint}")}, which cannot be changed.",
                "Omit -Endpoint, or remove the machines and create the cluster again.");
        if (options.ControlPlanes is not { } wanted)
            return;
        if (wanted > found.Count)
            throw new KlException(ErrorIds.ControlPlaneCount, KlErrorKind.InvalidInput, name,
                $"{name} cannot have {wanted} control planes, because only {found.Count} machines are available.",
                "Add machines, or specify fewer control planes.");
        if (wanted > 1 && endpoint is null)
            throw new KlException(ErrorIds.ControlPlaneEndpointMissing, KlErrorKind.InvalidInput, name,
                $"{name} was created by an earlier version of KubeLab, without an endpoint for several control planes.",
                "Create the cluster again to have several control planes.");
        if (wanted > 1 && endpoint!.IsManaged && !_balancers.CanCreate(found[0].Machine))
            throw new KlException(ErrorIds.LoadBalancerUnsupported, KlErrorKind.InvalidInput, name,
                $"KubeLab cannot create a load balancer for several control planes on machines of the provider {found[0].Machine.Provider}.",
                "Specify the address of a load balancer of yours with -Endpoint when you create the cluster.");
        if (wanted % 2 == 0)
            events.Warning(name, $"{wanted} control planes tolerate the failure of {(wanted - 1) / 2}, like {wanted - 1}:"
                + " etcd needs more than half of its members. Use an odd number");
    }

    // The machines that become control planes: those whose node was one before, then others in natural order.
    private static List<(Machine Machine, NodeFacts Facts)> NewControlPlanes(
        string name, Machine control, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found, IReadOnlyList<NodeState> nodes, int? wanted)
    {
        // The facts of the control plane can be from before it was initialized.
        var free = found.Where(one => one.Machine != control
            && ((one.Facts.Cluster is null && !one.Facts.HasKubelet) || (one.Facts.Cluster == name && !one.Facts.IsDone))).ToList();
        // A machine that was created again is not what its node says.
        string[] current = [control.Name, .. nodes.Where(node => node.IsControlPlane && node.Name != control.Name
            && free.TrueForAll(one => one.Machine.Name != node.Name)).Select(node => node.Name)];
        if (wanted < current.Length)
            throw new KlException(ErrorIds.ControlPlaneCount, KlErrorKind.InvalidInput, name, $"{name} already has {current.Length} control planes.",
                $"Remove control planes from the cluster one after another: {string.Join(", ", current)}.");
        var lost = free.Count(one => nodes.Any(node => node.IsControlPlane && node.Name == one.Machine.Name));
        var missing = (wanted ?? current.Length + lost) - current.Length;
        return missing <= free.Count
            ? [.. free.OrderByDescending(one => nodes.Any(node => node.IsControlPlane && node.Name == one.Machine.Name)).Take(missing)]
            : throw new KlException(ErrorIds.ControlPlaneCount, KlErrorKind.InvalidInput, name,
                $"{name} has {current.Length} control planes and needs {missing} more, but only {free.Count} of the machines are not nodes yet.",
                "Add machines, or remove workers from the cluster first.");
    }

    // One after another, because each becomes a member of etcd.
    private async Task AddControlPlanesAsync(KlCluster cluster, INodeApi api, IReadOnlyList<(Machine Machine, NodeFacts Facts)> added, bool hasNoWorkers,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        // They have changed if the cluster is new.
        var facts = await FactsAsync(cluster.ControlPlane, events, stop);
        var secret = new Lazy<Task<JoinSecret>>(() => CreateControlPlaneSecretAsync(cluster, facts, events, stop));
        foreach (var (machine, own) in added)
        {
            var run = new JoinRun(this, cluster, facts, api, await NodesAsync(api, cluster.Name, events, stop), secret, events)
            {
                Role = ControlPlaneRole, HasNoWorkers = hasNoWorkers,
            };
            await run.JoinAsync(machine, own, stop);
        }
    }

    // kubeadm encrypts the certificates with the key and stores them in the cluster for two hours.
    private async Task<JoinSecret> CreateControlPlaneSecretAsync(KlCluster cluster, NodeFacts facts, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (control, key) = (cluster.ControlPlane, JoinSecret.NewCertificateKey());
        var plan = ExistingPlan(cluster.Name, facts) ?? throw new KlException(ErrorIds.ClusterNotInitialized, KlErrorKind.NotFound, cluster.Name,
            $"{control} has no record of the pod and service subnets of {cluster}.");
        await RunAsync(control, "addons", new()
        {
            ["PHASES"] = "upload-certs",
            ["CONFIG"] = KubeadmConfig.Init(plan with { CertificateKey = key }, control),
        }, ErrorIds.TokenFailed, events, stop);
        return await CreateSecretAsync(control, events, stop) with { CertificateKey = key };
    }

    // After a load balancer was added, the nodes use it instead of the first control plane. Returns whether there were such nodes.
    private async Task<bool> RedirectAsync(KlCluster cluster, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found, ClusterEndpoint endpoint,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var address = $"{cluster.LoadBalancer!.Address}";
        var others = found.Where(one => one.Facts.Server != address
            && (one.Machine == cluster.ControlPlane || (one.Facts.Cluster == cluster.Name && one.Facts.IsDone))).Select(one => one.Machine).ToList();
        await Fleet.AllAsync(others, (machine, token) => RunAsync(machine, "endpoint", new()
        {
            ["ENDPOINT_HOST"] = endpoint.Host, ["SERVER"] = address,
        }, ErrorIds.RepairFailed, events, token), Parallelism, stop);
        return others.Count > 0;
    }
}
