using k8s.Models;
using KubeLab.Engine.Nodes;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>A node, as kubectl get nodes -o wide shows it.</summary>
public sealed record KlNode : IKubeRecord, IEventSubject
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "Node";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster it belongs to.</summary>
    public required string Cluster { get; init; }

    /// <summary>Ready, NotReady or Unknown; followed by ",SchedulingDisabled" if the node is cordoned.</summary>
    public required string Status { get; init; }

    /// <summary>Roles, such as control-plane.</summary>
    public required KlCollection<string> Roles { get; init; }

    /// <summary>Since it joined.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>The version of its kubelet.</summary>
    public string? Version { get; init; }

    /// <summary>The address in the cluster network.</summary>
    public string? InternalIP { get; init; }

    /// <summary>The external address, or null.</summary>
    public string? ExternalIP { get; init; }

    /// <summary>The operating system, such as Debian GNU/Linux 12 (bookworm).</summary>
    public string? OsImage { get; init; }

    /// <summary>The container runtime, such as containerd://1.6.20.</summary>
    public string? ContainerRuntime { get; init; }

    /// <summary>Added, Modified or Deleted in a watch, otherwise null.</summary>
    public string? Change { get; init; }

    internal V1Node Object { get; init; } = new();

    object IKubeRecord.Object => Object;

    internal DateTimeOffset Read { get; init; }

    /// <summary>Additional details for the list view.</summary>
    public KubeDetail Detail() => KubeDetail.Of(Object.Metadata) with
    {
        Taints = KubeDetail.Lines((Object.Spec?.Taints ?? []).Select(NodeTaints.Text)),
        Capacity = KubeDetail.Amounts(Object.Status?.Capacity),
        Allocatable = KubeDetail.Amounts(Object.Status?.Allocatable),
        Conditions = KubeDetail.Lines((Object.Status?.Conditions ?? [])
            .Select(c => KubeDetail.Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, Read))),
    };

    // The kubelet stores the node's name in the UID field of events.
    KubeSubject IEventSubject.Subject => new("Node", Name, null, Cluster);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlNode From(V1Node node, string cluster, DateTimeOffset now) => new()
    {
        Name = node.Metadata.Name,
        Cluster = cluster,
        Status = (node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status switch { "True" => "Ready", null => "Unknown", _ => "NotReady" })
            + (node.Spec?.Unschedulable == true ? ",SchedulingDisabled" : ""),
        Roles = [.. (node.Metadata.Labels ?? new Dictionary<string, string>())
            .Select(l => l.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? l.Key[RolePrefix.Length..] : l.Key == "kubernetes.io/role" ? l.Value : "")
            .Where(role => role.Length > 0).Distinct().Order(StringComparer.Ordinal)],
        Age = KubeAge.Since(node.Metadata.CreationTimestamp, now),
        Read = now,
        Version = node.Status?.NodeInfo?.KubeletVersion,
        InternalIP = AddressOf(node, "InternalIP"),
        ExternalIP = AddressOf(node, "ExternalIP"),
        OsImage = node.Status?.NodeInfo?.OsImage,
        ContainerRuntime = node.Status?.NodeInfo?.ContainerRuntimeVersion,
        Object = node,
    };

    internal static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    internal static string? AddressOf(V1Node node, string type) => node.Status?.Addresses?.FirstOrDefault(a => a.Type == type)?.Address;
}
