using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>kubeadm init.</summary>
public sealed partial class Kubeadm
{
    /// <summary>Makes the first machine the control plane of a cluster, gives it a pod network and adds it to the kubeconfig.
    /// A cluster that is there is left alone; a half-made one is made again.</summary>
    /// <param name="machines">All machines of the cluster to be; first is kubernetes-1 before kubernetes-2 before kubernetes-10.</param>
    /// <param name="options">How.</param>
    /// <param name="events">What happens.</param>
    /// <param name="failed">Told of each machine that does not answer or has no kubeadm; the others go on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NoMachine, ControlPlaneMissing, MachineInUse, PodNetworkDiffers, PodNetworkUnknown, SubnetInvalid, SubnetOverlaps,
    /// InitializeFailed, ApiServerTimeout.</exception>
    public async Task<KlCluster> InitializeAsync(
        IReadOnlyList<Machine> machines, InitializeOptions options, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var name = options.Name ?? machines[0].Lab;
        var found = await GatherFactsAsync([.. machines.Order(MachineOrder.Natural)], events, failed, stop);
        var (control, facts) = ControlPlane(name, found);
        var network = PodNetworks.Parse(options.PodNetwork ?? facts.PodNetwork ?? facts.MirrorPodNetwork ?? "Calico");
        var subnet = facts.PodSubnet;
        var isMade = facts is { IsControlPlane: true, IsDone: true };
        if (!isMade)
            subnet = await MakeAsync(name, control, facts, found, network, options, events, stop);
        else if (network != facts.PodNetwork)
            throw new KlException(ErrorIds.PodNetworkDiffers, KlErrorKind.Exists, name, $"{name} was made with the pod network {facts.PodNetwork}, which a running cluster keeps.",
                "Leave -PodNetwork out, or remove the machines and begin again.");

        if (isMade)
            await StartServicesAsync(control, facts, events, stop);
        var server = new Uri("https://" + control.ApiEndpoint);
        if (await _clusters.MergeAsync(name, await AdminConfAsync(control, stop), server, stop))
            events.Changed(name, $"added context {Kubeconfig.ContextOf(name)} to the kubeconfig");
        using var api = _clusters.Open(name);
        await NodesAsync(api, name, events, stop);
        if (isMade)
            await RepairAsync(api, name, control, facts, events, stop);
        if (network == PodNetworks.HostRoutes)
            await _networks.RouteAsync(api, name, [control], subnet!, events, stop);
        else if (!isMade || !facts.HasNetwork)
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
            throw new KlException(ErrorIds.NoMachine, KlErrorKind.NotFound, name, $"No machine is left to make {name} of.", "See the errors before this one.");
        foreach (var one in found)
            if (one.Facts is { IsControlPlane: true, IsDone: true } && one.Facts.Cluster == name)
                return one;
        var first = found[0];
        // Workers of a control plane that is only down must not be taken from it.
        if (found.FirstOrDefault(one => one.Facts.Cluster == name && one.Facts.IsDone && one.Facts.Server != $"{first.Machine.Address}") is { Machine: { } worker, Facts: { } facts })
            throw new KlException(ErrorIds.ControlPlaneMissing, KlErrorKind.NotFound, name,
                $"{worker} is a node of {name} already, and its control plane {facts.Server} is not among the machines that answer.",
                $"Bring that machine back, or remove {name}'s machines and begin again.");
        return first.Facts.Cluster is null || first.Facts.Cluster == name ? first : throw InUse(first.Machine, first.Facts);
    }

    private static KlException InUse(Machine machine, NodeFacts facts) =>
        new(ErrorIds.MachineInUse, KlErrorKind.Exists, machine.Name, $"{machine} is a node of {facts.Cluster} already.", "Use another machine, or remove it from that cluster first.");

    private async Task<string> MakeAsync(
        string name, Machine control, NodeFacts facts, IReadOnlyList<(Machine, NodeFacts)> found, string network, InitializeOptions options,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var taken = NetworksOf(found);
        var pods = options.PodSubnet is null ? Subnets.Pods(taken) : Subnets.Asked(options.PodSubnet, taken);
        var plan = Plan(name, facts, pods, Subnets.Services([.. taken, pods])) with { IsAlone = found.Count == 1 };
        var made = await RunAsync(control, "init", new()
        {
            ["CLUSTER"] = name,
            ["ADDRESS"] = $"{control.Address}",
            ["POD_NETWORK"] = network,
            ["POD_SUBNET"] = $"{pods}",
            ["CONFIG"] = KubeadmConfig.Init(plan, control),
            ["SEEN"] = facts.Stamp,
        }, ErrorIds.InitializeFailed, events, stop);
        // Another run may have been quicker, with addresses of its own choice.
        return made.GetValueOrDefault("podSubnet") ?? $"{pods}";
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
