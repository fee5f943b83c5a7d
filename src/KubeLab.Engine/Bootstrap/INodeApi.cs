using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>A node of a cluster.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsReady">Whether the node is Ready.</param>
/// <param name="Reason">Why it is not Ready: the message of the condition.</param>
/// <param name="PodCidr">The pod CIDR, once it is assigned.</param>
/// <param name="Address">The internal IP address.</param>
/// <param name="Version">The kubelet version, such as 1.37.1.</param>
/// <param name="Reported">When the kubelet last reported whether it is Ready, by its clock, or null.</param>
internal sealed record NodeState(
    string Name, bool IsReady, string Reason, string? PodCidr, string? Address, string Version, DateTimeOffset? Reported = null)
{
    // The second one is that of Kubernetes up to 1.23 (kubernetes.io/docs/reference/labels-annotations-taints).
    private static readonly string[] ControlPlaneLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>Whether the node is a control plane.</summary>
    public bool IsControlPlane { get; init; }

    /// <summary>Whether a node is a control plane, according to its labels.</summary>
    public static bool HasControlPlaneLabel(V1Node node) => node.Metadata.Labels?.Keys.Any(ControlPlaneLabels.Contains) == true;
}

/// <summary>An object of kubeadm that is missing in the cluster.</summary>
/// <param name="Name">The kind and name, such as "DaemonSet kube-system/kube-proxy".</param>
/// <param name="Phase">The phase of kubeadm init that creates it, such as addon/kube-proxy.</param>
internal sealed record MissingObject(string Name, string Phase);

/// <summary>The parts of the Kubernetes API that bootstrapping uses.</summary>
internal interface INodeApi : IDisposable
{
    /// <summary>Asks the API server now whether it is ready.</summary>
    /// <exception cref="KlException">The API server does not respond or is not ready (<see cref="KlErrorKind.Unreachable"/>), or it rejects the
    /// client.</exception>
    Task EnsureReadyAsync(CancellationToken stop);

    /// <summary>Lists all nodes.</summary>
    Task<IReadOnlyList<NodeState>> NodesAsync(CancellationToken stop);

    /// <summary>Finds the objects that kubeadm init of <paramref name="version"/> creates and that are missing.</summary>
    Task<IReadOnlyList<MissingObject>> MissingAsync(string version, CancellationToken stop);

    /// <summary>Finds images that the pods of Kubernetes and of the pod network on a node cannot pull.</summary>
    Task<IReadOnlyList<FailedPull>> FailedPullsAsync(string node, CancellationToken stop);

    /// <summary>Applies an object with server-side apply. Returns whether it changed.</summary>
    Task<bool> ApplyAsync(JsonObject desired, CancellationToken stop);

    /// <summary>Deletes a node from the cluster.</summary>
    Task DeleteNodeAsync(string name, CancellationToken stop);

    /// <summary>Deletes all nodes except one, and the pods on them. Warns about pods that are not created again.</summary>
    Task DeleteOtherNodesAsync(string name, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Cordons a node and evicts its pods, respecting disruption budgets.</summary>
    Task DrainAsync(string node, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop);
}

/// <summary>Accesses the API of clusters and the user's kubeconfig.</summary>
internal interface IClusterAccess
{
    /// <summary>Opens the API of a cluster.</summary>
    INodeApi Open(string cluster);

    /// <summary>Adds the cluster to the kubeconfig. Returns whether the kubeconfig changed.</summary>
    Task<bool> MergeAsync(string cluster, string adminConf, Uri server, CancellationToken stop);

    /// <summary>Removes the cluster from the kubeconfig.</summary>
    Task RemoveAsync(string cluster, CancellationToken stop);

    /// <summary>Lists the KubeLab clusters in the kubeconfig and their servers.</summary>
    Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop);
}
