using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Nodes;

/// <summary>Finds reasons why a node must not be removed.</summary>
internal static class RemovalChecks
{
    private const string Hostname = "kubernetes.io/hostname";

    /// <summary>Checks that the cluster continues to work without the control plane of a node.</summary>
    /// <returns>Whether the node runs one of several etcd members.</returns>
    /// <exception cref="KlException">LastControlPlane, EtcdQuorum, ApiServerInUse.</exception>
    public static async Task<bool> EnsureRemovableAsync(
        KubeApi api, V1Node node, IReadOnlyList<V1Node> nodes, IReadOnlyList<Machine> machines,
        Func<Machine, CancellationToken, Task<EtcdHealth?>> askEtcd, CancellationToken stop)
    {
        var name = node.Metadata.Name;
        if (!NodeState.HasControlPlaneLabel(node))
            return false;
        if (nodes.Count(NodeState.HasControlPlaneLabel) == 1)
            throw new KlException(ErrorIds.LastControlPlane, KlErrorKind.InvalidInput, name, $"{name} is the only control plane of {api.Cluster}.");
        if ((await Kubeconfig.ListAsync(stop)).TryGetValue(api.Cluster, out var server) && server.Authority == NodeMachines.Of(node, machines)?.ApiEndpoint)
            throw new KlException(ErrorIds.ApiServerInUse, KlErrorKind.InvalidInput, name,
                $"{name} cannot be removed, because the kubeconfig reaches {api.Cluster} through its API server.",
                "Change the server of the context to a load balancer or another control plane first.");
        var members = await api.ListAsync<V1Pod>("kube-system", "component=etcd", stop).ToListAsync(stop);
        if (!members.Exists(pod => pod.Spec.NodeName == name))
            return false;
        var others = members.Where(pod => pod.Spec.NodeName != name).ToList();
        var (count, healthy) = (others.Count,
            others.Count(pod => IsReady(pod) && nodes.Any(one => one.Metadata.Name == pod.Spec.NodeName && KlNode.IsReady(one))));
        // Pods of etcd become Ready about a minute after they are healthy.
        if (NodeMachines.ControlPlaneOf(nodes, machines, except: name) is { } control && await askEtcd(control, stop) is { Members.Count: > 0 } health)
            (count, healthy) = (health.Members.Count(IsOther), health.Healthy.Count(IsOther));
        return healthy > count / 2 ? true : throw new KlException(ErrorIds.EtcdQuorum, KlErrorKind.InvalidInput, name,
            $"etcd of {api.Cluster} would lose its quorum without {name}: only {healthy} of the {count} other members are healthy.",
            "Repair the other members first.");

        bool IsOther(string address) => node.Status?.Addresses?.Any(one => one.Address == address) != true;
    }

    /// <summary>Checks that no volume in use has its data on this node only.</summary>
    /// <exception cref="KlException">NodeHasVolumes.</exception>
    public static async Task EnsureNoVolumesAsync(KubeApi api, V1Node node, CancellationToken stop)
    {
        var name = node.Metadata.Name;
        var hostname = node.Metadata.Labels?.TryGetValue(Hostname, out var label) == true ? label : name;
        var volumes = await api.ListAsync<V1PersistentVolume>(null, new KubeSelector(), stop)
            .Where(volume => volume.Status?.Phase == "Bound" && volume.Spec.NodeAffinity?.Required?.NodeSelectorTerms is { Count: > 0 } terms
                && terms.All(term => term.MatchExpressions?.Any(one => one is { Key: Hostname, OperatorProperty: "In", Values.Count: 1 }
                    && one.Values[0] == hostname) == true))
            .Select(volume => volume.Spec.ClaimRef is { } claim ? $"{claim.NamespaceProperty}/{claim.Name}" : volume.Metadata.Name)
            .ToListAsync(stop);
        if (volumes.Count > 0)
            throw new KlException(ErrorIds.NodeHasVolumes, KlErrorKind.Failed, name,
                $"{name} was not removed: only this node has the data of these volumes: {string.Join(", ", volumes)}.",
                "Move the data, or specify -Force. Data in folders stays on the machine, but the cluster cannot use it any more.");
    }

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;
}
