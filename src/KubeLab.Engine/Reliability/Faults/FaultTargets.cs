using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Finds the pods and machines that faults concern.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="machines">Lists the machines of all providers.</param>
internal sealed class FaultTargets(KubeSession kube, Func<CancellationToken, IAsyncEnumerable<Machine>> machines)
{
    /// <summary>Returns the targets of an input: a machine, a node, a pod, or the pods of another object.</summary>
    /// <exception cref="KlException">NodeNotFound, PodNotFound, ResourceNotFound, and the errors of machines and clusters.</exception>
    public async Task<IReadOnlyList<FaultTarget>> FindAsync(FaultInput input, CancellationToken stop)
    {
        if (input.Machine is { } machine)
            return [await OfAsync(machine, stop)];
        using var api = kube.Open(input.Cluster);
        var all = await machines(stop).ToListAsync(stop);
        if (input.Kind.Equals("Node", StringComparison.OrdinalIgnoreCase))
        {
            var nodes = await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop);
            var node = nodes.Find(one => one.Metadata.Name == input.Name) ?? throw new KlException(
                ErrorIds.NodeNotFound, KlErrorKind.NotFound, input.Name, $"Node '{input.Name}' was not found in cluster '{api.Cluster}'.");
            return [Of(node, nodes, all, api.Cluster)];
        }
        if (input.Kind.Equals("Pod", StringComparison.OrdinalIgnoreCase))
        {
            var target = Of(await PodContainer.PodAsync(api, input.Namespace, input.Name, stop), all, api.Cluster);
            return [target.IsControlPlane
                ? target with { Nodes = NodesOf(await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop)) } : target];
        }
        var scope = await PodSelection.ScopeAsync(api, new(input.Namespace, Of: $"{input.Kind}/{input.Name}"), stop);
        var pods = await api.ListOrWatchAsync<V1Pod>(scope, stop).Select(one => one.Object)
            .Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed")).ToListAsync(stop);
        return pods.Count > 0 ? [.. pods.Select(pod => Of(pod, all, api.Cluster))] : throw new KlException(
            ErrorIds.PodNotFound, KlErrorKind.NotFound, input.Name, $"{input} has no running pods in cluster '{api.Cluster}'.");
    }

    private static FaultTarget Of(V1Pod pod, List<Machine> all, string cluster) => new()
    {
        Name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}",
        Cluster = cluster,
        Pod = pod,
        Node = pod.Spec.NodeName,
        // The name alone is not proof: another cluster can have a node of this name.
        Machine = all.Find(one => one.Name == pod.Spec.NodeName && one.Address == pod.Status?.HostIP),
        Addresses = FaultTarget.Valid([pod.Status?.PodIP, .. pod.Status?.PodIPs?.Select(one => one.Ip) ?? []]),
    };

    private static FaultTarget Of(V1Node node, List<V1Node> nodes, List<Machine> all, string cluster)
    {
        var addresses = FaultTarget.Valid(node.Status?.Addresses?.Where(one => one.Type == "InternalIP").Select(one => one.Address) ?? []);
        return new()
        {
            Name = node.Metadata.Name,
            Cluster = cluster,
            Node = node.Metadata.Name,
            Machine = all.Find(one => one.Name == node.Metadata.Name && addresses.Contains(one.Address)),
            Addresses = addresses,
            Nodes = NodesOf(nodes),
        };
    }

    // The cluster of a machine has the name of its lab. A machine without a cluster is a target too.
    private async Task<FaultTarget> OfAsync(Machine machine, CancellationToken stop)
    {
        var alone = new FaultTarget { Name = machine.Name, Machine = machine, Addresses = [machine.Address] };
        try
        {
            using var api = kube.Open(Kubeconfig.ContextOf(machine.Lab));
            var nodes = await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop);
            return nodes.Find(one => one.Metadata.Name == machine.Name) is { } node && Of(node, nodes, [machine], api.Cluster) is { Machine: not null } target
                ? target : alone;
        }
        catch (KlException error) when (error.ErrorId is ErrorIds.KubeContextNotFound or ErrorIds.KubeUnreachable)
        {
            return alone;
        }
    }

    private static ClusterNodes NodesOf(List<V1Node> nodes) =>
        new([.. nodes.Select(one => one.Metadata.Name)], [.. nodes.Where(NodeState.HasControlPlaneLabel).Select(one => one.Metadata.Name)]);
}
