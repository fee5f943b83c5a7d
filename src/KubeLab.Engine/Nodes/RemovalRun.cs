using System.Text.RegularExpressions;
using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Nodes;

/// <summary>Removes nodes of one cluster. kubeadm reset runs before the node is deleted, so that an interrupted run finds the node again.</summary>
internal sealed partial class RemovalRun(
    KubeApi api, Kubeadm kubeadm, IReadOnlyList<V1Node> nodes, IReadOnlyList<Machine> machines, NodeRemovalOptions options, IProgress<LabEvent> events,
    TimeProvider clock)
{
    private readonly NodeMachines _machines = new(kubeadm, clock);

    /// <summary>Removes a node and returns its machine, or null if only the node object was deleted.</summary>
    /// <exception cref="KlException">NodeNotFound, LastControlPlane, EtcdQuorum, ApiServerInUse, NodeMachineNotFound, NodeMachineUnreachable, MachineInUse,
    /// NodeHasVolumes, DrainRefused, DrainTimeout, ResetFailed, EtcdNotLeft.</exception>
    public async Task<Machine?> RemoveAsync(string name, CancellationToken stop)
    {
        if (nodes.FirstOrDefault(one => one.Metadata.Name == name) is not { } node)
            return await CleanAsync(name, stop);
        var leavesEtcd = await RemovalChecks.EnsureRemovableAsync(api, node, nodes, machines, EtcdHealthAsync, stop);
        Machine machine;
        NodeFacts facts;
        try
        {
            (machine, facts) = await FindAsync(node, stop);
        }
        catch (KlException problem)
        {
            await DeleteAsync(node, problem, leavesEtcd ? NodeMachines.ControlPlaneOf(nodes, machines, except: name) : null, stop);
            return null;
        }
        // The pods were evicted before the machine was reset.
        if (facts.HasKubelet && !facts.IsLeaving)
            await DrainAsync(node, stop);
        await kubeadm.ResetAsync(machine, new(api.Cluster)
        {
            PodSubnet = await PodSubnetAsync(api, stop),
            IsForeign = facts.Cluster is null && facts.HasKubelet,
            LeavesEtcd = leavesEtcd,
        }, events, stop);
        if (await api.DeleteAsync<V1Node>(name, null, stop))
            events.Changed(name, $"removed the node from {api.Cluster}");
        return machine;
    }

    /// <summary>The pod subnets of a cluster, separated by commas, or null if kubeadm did not record them.</summary>
    public static async Task<string?> PodSubnetAsync(KubeApi api, CancellationToken stop) =>
        (await api.FindAsync<V1ConfigMap>("kubeadm-config", "kube-system", stop))?.Data?.TryGetValue("ClusterConfiguration", out var yaml) == true
            && PodSubnet().Match(yaml) is { Success: true } match ? match.Groups["subnet"].Value : null;

    // The node was deleted before, without its machine.
    // Null if it could not be asked.
    private async Task<EtcdHealth?> EtcdHealthAsync(Machine control, CancellationToken stop)
    {
        try
        {
            return await kubeadm.EtcdHealthAsync(control, events, stop);
        }
        catch (KlException error)
        {
            events.Detail(control.Name, $"etcd could not be asked: {error.Message}");
            return null;
        }
    }

    private async Task<Machine> CleanAsync(string name, CancellationToken stop)
    {
        var unknown = "";
        foreach (var machine in machines.Where(one => one.Name == name))
            try
            {
                if ((await _machines.ReadAsync(machine, events, stop)).Cluster != api.Cluster)
                    continue;
                await kubeadm.ResetAsync(machine, new(api.Cluster) { PodSubnet = await PodSubnetAsync(api, stop) }, events, stop);
                return machine;
            }
            catch (KlException error) when (error.ErrorId == ErrorIds.NodeMachineUnreachable)
            {
                unknown = $" Whether the machine is clean is unknown: {error.Message}";
            }
        throw new KlException(
            ErrorIds.NodeNotFound, KlErrorKind.NotFound, name, $"Node '{name}' was not found in cluster '{api.Cluster}'.{unknown}");
    }

    private async Task<(Machine, NodeFacts)> FindAsync(V1Node node, CancellationToken stop)
    {
        var (name, address) = (node.Metadata.Name, KlNode.AddressOf(node, "InternalIP"));
        var machine = NodeMachines.Of(node, machines) ?? throw new KlException(ErrorIds.NodeMachineNotFound, KlErrorKind.NotFound, name,
            $"no provider has a machine with this name and the address {address ?? "of the node"}");
        var facts = await _machines.ReadAsync(machine, events, stop);
        return facts.Cluster is null || facts.Cluster == api.Cluster ? (machine, facts)
            : throw new KlException(ErrorIds.MachineInUse, KlErrorKind.Exists, name, $"its machine is now a node of {facts.Cluster}");
    }

    // The other control plane removes the node from etcd.
    private async Task DeleteAsync(V1Node node, KlException problem, Machine? other, CancellationToken stop)
    {
        var name = node.Metadata.Name;
        if (!options.Force)
            throw new KlException(problem.ErrorId, problem.Kind, name, $"{name} was not removed from {api.Cluster}: {problem.Message}",
                $"{problem.NextStep} Specify -Force to delete only the node object, without cleaning the machine.".TrimStart(), problem);
        if (KlNode.IsReady(node))
            await new Drain(api, name, clock).RunAsync(force: true, options.Timeout, events, stop);
        if (other is not null)
            await kubeadm.RemoveEtcdMemberAsync(other, name, KlNode.AddressOf(node, "InternalIP"), events, stop);
        if (await api.DeleteAsync<V1Node>(name, null, stop))
            events.Changed(name, $"deleted the node object from {api.Cluster}");
        events.Warning(name, $"the node object was deleted from {api.Cluster}, but the machine was not cleaned: {problem.Message}"
            + (problem.ErrorId == ErrorIds.MachineInUse ? "" : ". If its kubelet is running, the node can register again"));
    }

    private async Task DrainAsync(V1Node node, CancellationToken stop)
    {
        var name = node.Metadata.Name;
        if (!options.Force)
            await RemovalChecks.EnsureNoVolumesAsync(api, node, stop);
        else if (!KlNode.IsReady(node))
        {
            events.Warning(name, "the node is not Ready, so its pods are removed without eviction");
            return;
        }
        await new Drain(api, name, clock).RunAsync(options.Force, options.Timeout, events, stop);
    }

    [GeneratedRegex("""^\s*podSubnet:\s*["']?(?<subnet>[0-9a-fA-F.:/,]+)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PodSubnet();
}
