using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>A node as its cluster has it.</summary>
/// <param name="Name">The machine's name.</param>
/// <param name="IsReady">The kubelet reports Ready.</param>
/// <param name="Reason">Why it is not: the Ready condition's own words.</param>
/// <param name="PodCidr">Its pods' addresses, once given.</param>
/// <param name="Address">Its internal address.</param>
/// <param name="Version">Its kubelet's version, as in 1.37.1.</param>
internal sealed record NodeState(string Name, bool IsReady, string Reason, string? PodCidr, string? Address, string Version);

/// <summary>An object of kubeadm's that is not in its cluster.</summary>
/// <param name="Name">As in "DaemonSet kube-system/kube-proxy".</param>
/// <param name="Phase">The phase of kubeadm init that makes it, as in addon/kube-proxy.</param>
internal sealed record MissingObject(string Name, string Phase);

/// <summary>The little that bootstrapping asks of a cluster's API.</summary>
internal interface INodeApi : IDisposable
{
    /// <summary>All nodes.</summary>
    Task<IReadOnlyList<NodeState>> NodesAsync(CancellationToken stop);

    /// <summary>What kubeadm init of <paramref name="version"/> made in the cluster and is not there any more.</summary>
    Task<IReadOnlyList<MissingObject>> MissingAsync(string version, CancellationToken stop);

    /// <summary>Server-side apply; true where it changed something.</summary>
    Task<bool> ApplyAsync(JsonObject desired, CancellationToken stop);

    /// <summary>Takes a node out of the cluster.</summary>
    Task DeleteNodeAsync(string name, CancellationToken stop);

    /// <summary>Cordons a node and evicts its pods as their disruption budgets allow.</summary>
    Task DrainAsync(string node, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop);
}

/// <summary>The way to clusters: their API, and the user's kubeconfig.</summary>
internal interface IClusterAccess
{
    /// <summary>The API of a KubeLab cluster.</summary>
    INodeApi Open(string cluster);

    /// <summary>Adds the cluster to the kubeconfig; false where it stood there so.</summary>
    Task<bool> MergeAsync(string cluster, string adminConf, Uri server, CancellationToken stop);

    /// <summary>Takes the cluster out of the kubeconfig.</summary>
    Task RemoveAsync(string cluster, CancellationToken stop);

    /// <summary>The clusters of KubeLab in the kubeconfig, with their servers.</summary>
    Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop);
}
