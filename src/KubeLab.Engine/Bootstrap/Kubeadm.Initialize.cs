using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.LoadBalancers;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>kubeadm init.</summary>
public sealed partial class Kubeadm
{
    /// <summary>Initializes the control plane on the first machine, adds other control planes, installs the pod network and adds the cluster to the kubeconfig.
    /// An existing cluster is only completed. An incomplete one is initialized again.</summary>
    /// <param name="machines">The machines of the cluster. They are sorted naturally: kubernetes-2 before kubernetes-10.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="failed">Receives each machine that does not respond or on which kubeadm is not installed. The others continue.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NoMachine, ControlPlaneMissing, MachineInUse, PodNetworkDiffers, PodNetworkInvalid, SubnetInvalid, SubnetOverlaps,
    /// ControlPlaneEndpointInvalid, ControlPlaneEndpointDiffers, ControlPlaneEndpointMissing, ControlPlaneCount, LoadBalancerUnsupported, InitializeFailed,
    /// ApiServerTimeout, JoinFailed, JoinTimeout, EtcdNotLeft, and the errors of <see cref="LoadBalancerClient"/>.</exception>
    public async Task<KlCluster> InitializeAsync(
        IReadOnlyList<Machine> machines, InitializeOptions options, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var name = options.Name ?? machines[0].Lab;
        var found = await GatherFactsAsync([.. machines.Order(MachineOrder.Natural)], events, failed, stop);
        var (control, facts) = ControlPlane(name, found);
        var isInitialized = facts is { IsControlPlane: true, IsDone: true };
        if (isInitialized && options.Restored is not null)
            throw InUse(control, facts);
        var endpoint = isInitialized ? facts.Endpoint : options.Endpoint is { } text ? ClusterEndpoint.Parse(text) : ClusterEndpoint.Of(name);
        CheckControlPlanes(name, found, options, endpoint, events);
        var network = options.Restored?.PodNetwork ?? PodNetworks.Parse(options.PodNetwork ?? facts.PodNetwork ?? facts.MirrorPodNetwork ?? "Calico");
        if (isInitialized && network != facts.PodNetwork)
            throw new KlException(ErrorIds.PodNetworkDiffers, KlErrorKind.Exists, name,
                $"{name} was created with the pod network {facts.PodNetwork}, which cannot be changed.",
                "Omit -PodNetwork, or remove the machines and create the cluster again.");

        // The nodes of a cluster with a load balancer reach the control planes through it.
        var isBalanced = endpoint is { IsManaged: true }
            && (options.ControlPlanes > 1 || (isInitialized && facts.Server is { } address && address != $"{control.Address}"));
        // The load balancer is created while the control plane is initialized.
        var creating = isBalanced ? BalancerAsync() : Task.FromResult<Machine?>(null);
        var initializing = isInitialized ? StartAsync() : InitAsync(name, control, facts, found, network, options, endpoint!, events, stop);
        await Task.WhenAll(creating, initializing);
        var (balancer, subnet) = (await creating, await initializing);
        var server = new Uri("https://" + (endpoint is { IsManaged: false } ? $"{endpoint}" : (balancer ?? control).ApiEndpoint));
        var cluster = new KlCluster
        {
            Name = name,
            Context = Kubeconfig.ContextOf(name),
            Server = server.AbsoluteUri,
            ControlPlane = control,
            LoadBalancer = balancer,
            Machines = [control, .. found.Select(one => one.Machine).Where(one => one != control)],
            Version = facts.Kubeadm,
        };
        if (await _clusters.MergeAsync(name, await AdminConfAsync(control, stop), server, stop))
            events.Changed(name, $"added the context {cluster.Context} to the kubeconfig");
        using var api = _clusters.Open(name);
        var nodes = await NodesAsync(api, name, events, stop);
        if (options.Restored is not null)
        {
            await api.DeleteOtherNodesAsync(control.Name, events, stop);
            nodes = [.. nodes.Where(node => node.Name == control.Name)];
        }
        if (isInitialized)
            await RepairAsync(api, name, control, facts, events, stop);
        var added = NewControlPlanes(name, control, found, nodes, options.ControlPlanes);
        var hasStaleClients = added.Count > 0 && nodes.Count(node => node.IsControlPlane) == 1;
        if (added.Count > 0)
        {
            await AddControlPlanesAsync(cluster, api, added, options.ControlPlanes == found.Count, events, stop);
            nodes = await NodesAsync(api, name, events, stop);
        }
        if (balancer is not null)
        {
            await BalanceAsync(balancer, ControlPlanesOf(nodes), events, stop);
            hasStaleClients |= await RedirectAsync(cluster, found, endpoint!, events, stop);
        }
        if (hasStaleClients)
            await RunAsync(control, "watches", [], ErrorIds.RepairFailed, events, stop);
        Machine[] controls = [control, .. cluster.Machines.Where(one => one != control && nodes.Any(node => node.IsControlPlane && node.Name == one.Name))];
        if (network == PodNetworks.HostRoutes)
            await _networks.RouteAsync(api, name, controls, subnet!, events, stop);
        else if (isInitialized ? !facts.HasNetwork : options.Restored is null)
            await _networks.ApplyAsync(api, control, network, subnet!, events, stop);
        return cluster with { ControlPlanes = [.. controls], Machines = [.. controls, .. cluster.Machines.Except(controls)] };

        async Task<Machine?> BalancerAsync()
        {
            var machine = await _balancers.EnsureAsync(control, events, stop);
            await BalanceAsync(machine, found.Where(one => one.Machine == control || one.Facts.IsControlPlaneOf(name))
                .Select(one => (one.Machine.Name, one.Machine.IP)), events, stop);
            return machine;
        }

        async Task<string?> StartAsync()
        {
            await StartServicesAsync(control, facts, events, stop);
            return facts.PodSubnet;
        }
    }

    private static (Machine, NodeFacts) ControlPlane(string name, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found)
    {
        if (found.Count == 0)
            throw new KlException(ErrorIds.NoMachine, KlErrorKind.NotFound, name, $"No machine is available to create {name}.", "See the previous errors.");
        foreach (var one in found)
            if (one.Facts.IsControlPlaneOf(name))
                return one;
        var first = found[0];
        // If the control plane is only down, its workers must stay in its cluster.
        if (found.FirstOrDefault(one => one.Facts.Cluster == name && one.Facts.IsDone && one.Facts.Server != $"{first.Machine.Address}")
            is { Machine: { } worker, Facts: { } facts })
            throw new KlException(ErrorIds.ControlPlaneMissing, KlErrorKind.NotFound, name,
                $"{worker} is already a node of {name}, but its control plane {facts.Server} does not respond or was not specified.",
                $"Start that machine, or remove the machines of {name} and create the cluster again.");
        return first.Facts.Cluster is null || first.Facts.Cluster == name ? first : throw InUse(first.Machine, first.Facts);
    }

    private static KlException InUse(Machine machine, NodeFacts facts) =>
        new(ErrorIds.MachineInUse, KlErrorKind.Exists, machine.Name,
            $"{machine} is already a node of {facts.Cluster}.", "Use another machine, or remove it from that cluster first.");

    private async Task<string?> InitAsync(
        string name, Machine control, NodeFacts facts, IReadOnlyList<(Machine, NodeFacts)> found, string network, InitializeOptions options,
        ClusterEndpoint endpoint, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (taken, restored) = (NetworksOf(found), options.Restored);
        var pods = restored?.PodSubnet ?? (options.PodSubnet is null ? Subnets.Pods(taken) : Subnets.Parse(options.PodSubnet, taken));
        var plan = Plan(name, facts, pods, restored?.ServiceSubnet ?? Subnets.Services([.. taken, pods])) with
        {
            Endpoint = endpoint,
            HasEtcdData = restored is not null,
            HasNoWorkers = found.Count == (options.ControlPlanes ?? 1),
        };
        var result = await RunAsync(control, "init", new()
        {
            ["CLUSTER"] = name,
            ["NAME"] = control.Name,
            ["ADDRESS"] = $"{control.Address}",
            ["ENDPOINT"] = $"{endpoint}",
            ["ENDPOINT_HOST"] = endpoint.IsManaged ? endpoint.Host : null,
            ["POD_NETWORK"] = network,
            ["POD_SUBNET"] = $"{pods}",
            ["CONFIG"] = KubeadmConfig.Init(plan, control),
            ["SEEN"] = facts.Stamp,
            ["RESTORE"] = restored?.Folder,
        }, ErrorIds.InitializeFailed, events, stop);
        // A concurrent run may have initialized the cluster with another pod subnet.
        return result.GetValueOrDefault("podSubnet") ?? $"{pods}";
    }

    private static ClusterPlan Plan(string name, NodeFacts facts, IPNetwork pods, IPNetwork services) => new(name, facts.Kubeadm!, pods, services)
    {
        Endpoint = facts.Endpoint,
        Token = JoinSecret.NewToken(),
        ImageRepository = facts.ImageRepository,
        IsCgroup1 = facts.Cgroup == 1,
        HasSwap = facts.Swap,
    };

    private async Task<string> AdminConfAsync(Machine control, CancellationToken stop)
    {
        await using var host = _hosts.Open(control.Name, control.Ssh);
        return await host.CheckAsync(new HostCommand("cat", "/etc/kubernetes/admin.conf"), stop);
    }
}
