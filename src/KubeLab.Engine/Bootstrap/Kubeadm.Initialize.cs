using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>kubeadm init.</summary>
public sealed partial class Kubeadm
{
    /// <summary>Initializes the control plane on the first machine, installs the pod network and adds the cluster to the kubeconfig.
    /// An existing cluster is not changed. An incomplete one is initialized again.</summary>
    /// <param name="machines">The machines of the cluster. They are sorted naturally: kubernetes-2 before kubernetes-10.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="failed">Receives each machine that does not respond or on which kubeadm is not installed. The others continue.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NoMachine, ControlPlaneMissing, MachineInUse, PodNetworkDiffers, PodNetworkInvalid, SubnetInvalid, SubnetOverlaps,
    /// InitializeFailed, ApiServerTimeout.</exception>
    public async Task<KlCluster> InitializeAsync(
        IReadOnlyList<Machine> machines, InitializeOptions options, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var name = options.Name ?? machines[0].Lab;
        var found = await GatherFactsAsync([.. machines.Order(MachineOrder.Natural)], events, failed, stop);
        var (control, facts) = ControlPlane(name, found);
        var network = PodNetworks.Parse(options.PodNetwork ?? facts.PodNetwork ?? facts.MirrorPodNetwork ?? "Calico");
        var subnet = facts.PodSubnet;
        var isInitialized = facts is { IsControlPlane: true, IsDone: true };
        if (!isInitialized)
            subnet = await InitializeAsync(name, control, facts, found, network, options, events, stop);
        else if (network != facts.PodNetwork)
            throw new KlException(ErrorIds.PodNetworkDiffers, KlErrorKind.Exists, name,
                $"{name} was created with the pod network {facts.PodNetwork}, which cannot be changed.",
                "Omit -PodNetwork, or remove the machines and create the cluster again.");

        if (isInitialized)
            await StartServicesAsync(control, facts, events, stop);
        var server = new Uri("https://" + control.ApiEndpoint);
        if (await _clusters.MergeAsync(name, await AdminConfAsync(control, stop), server, stop))
            events.Changed(name, $"added the context {Kubeconfig.ContextOf(name)} to the kubeconfig");
        using var api = _clusters.Open(name);
        await NodesAsync(api, name, events, stop);
        if (isInitialized)
            await RepairAsync(api, name, control, facts, events, stop);
        if (network == PodNetworks.HostRoutes)
            await _networks.RouteAsync(api, name, [control], subnet!, events, stop);
        else if (!isInitialized || !facts.HasNetwork)
            await _networks.ApplyAsync(api, control, network, subnet!, events, stop);
        return new()
        {
            Name = name,
            Context = Kubeconfig.ContextOf(name),
            Server = server,
            ControlPlane = control,
            Machines = [control, .. found.Select(one => one.Machine).Where(one => one != control)],
            Version = facts.Kubeadm,
        };
    }

    private static (Machine, NodeFacts) ControlPlane(string name, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found)
    {
        if (found.Count == 0)
            throw new KlException(ErrorIds.NoMachine, KlErrorKind.NotFound, name, $"No machine is available to create {name}.", "See the previous errors.");
        foreach (var one in found)
            if (one.Facts is { IsControlPlane: true, IsDone: true } && one.Facts.Cluster == name)
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

    private async Task<string> InitializeAsync(
        string name, Machine control, NodeFacts facts, IReadOnlyList<(Machine, NodeFacts)> found, string network, InitializeOptions options,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var taken = NetworksOf(found);
        var pods = options.PodSubnet is null ? Subnets.Pods(taken) : Subnets.Parse(options.PodSubnet, taken);
        var plan = Plan(name, facts, pods, Subnets.Services([.. taken, pods])) with { IsSingleNode = found.Count == 1 };
        var result = await RunAsync(control, "init", new()
        {
            ["CLUSTER"] = name,
            ["ADDRESS"] = $"{control.Address}",
            ["POD_NETWORK"] = network,
            ["POD_SUBNET"] = $"{pods}",
            ["CONFIG"] = KubeadmConfig.Init(plan, control),
            ["SEEN"] = facts.Stamp,
        }, ErrorIds.InitializeFailed, events, stop);
        // A concurrent run may have initialized the cluster with another pod subnet.
        return result.GetValueOrDefault("podSubnet") ?? $"{pods}";
    }

    private static ClusterPlan Plan(string name, NodeFacts facts, IPNetwork pods, IPNetwork services) => new(name, facts.Kubeadm!, pods, services)
    {
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
