using System.Net;
using k8s.Models;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>A pod or a machine that a fault concerns.</summary>
public sealed record FaultTarget
{
    /// <summary>The name of the machine or node, or NAMESPACE/POD.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster, or null for a machine without one.</summary>
    public string? Cluster { get; init; }

    /// <summary>The machine of the node or pod, or null if KubeLab does not know it.</summary>
    public Machine? Machine { get; init; }

    /// <summary>The pod, or null.</summary>
    public V1Pod? Pod { get; init; }

    /// <summary>The name of the pod, or null.</summary>
    public string? PodName => Pod?.Metadata.Name;

    /// <summary>The addresses on the cluster's network.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The nodes of the cluster, for nodes and for pods of its control plane; null for other targets.</summary>
    public ClusterNodes? Nodes { get; init; }

    /// <summary>The node of a pod, or of the machine.</summary>
    public string? Node { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Whether the target is a pod without which the API server does not answer. kubeadm labels them so.</summary>
    internal bool IsControlPlane => Pod is { Metadata: { NamespaceProperty: "kube-system", Labels: { } labels } }
        && labels.TryGetValue("component", out var component) && component is "etcd" or "kube-apiserver";

    internal static IReadOnlyList<string> Valid(IEnumerable<string?> addresses) =>
        [.. addresses.Where(one => IPAddress.TryParse(one, out _)).Select(one => IPAddress.Parse(one!).ToString()).Distinct()];
}

/// <summary>The nodes of a cluster.</summary>
/// <param name="All">The names of all nodes.</param>
/// <param name="ControlPlanes">The names of those with a control plane.</param>
public sealed record ClusterNodes(IReadOnlyList<string> All, IReadOnlyList<string> ControlPlanes);

/// <summary>What a fault is requested for: a machine, or an object of a cluster.</summary>
/// <param name="Machine">The machine, or null.</param>
/// <param name="Kind">The kind of the object, such as Pod, Node or Deployment.</param>
/// <param name="Name">The name of the object.</param>
/// <param name="Namespace">The namespace of the object, or null for that of the context.</param>
/// <param name="Cluster">The cluster of the object, or null for the current context.</param>
public sealed record FaultInput(Machine? Machine, string Kind, string Name, string? Namespace, string? Cluster)
{
    /// <summary>KIND/NAME.</summary>
    public override string ToString() => Machine?.Name ?? $"{Kind}/{Name}";
}
