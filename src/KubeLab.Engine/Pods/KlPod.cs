using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>A pod, as kubectl get pods -o wide shows it.</summary>
public sealed record KlPod : IKubeRecord, IEventSubject
{
    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "Pod";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>Ready and total containers, such as 1/2.</summary>
    public required string Ready { get; init; }

    /// <summary>The status as kubectl computes it: Running, Completed, Terminating, CrashLoopBackOff, Init:0/1, Evicted, ...</summary>
    public required string Status { get; init; }

    /// <summary>The number of container restarts.</summary>
    public required int Restarts { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>The IP address, or null if none is assigned yet.</summary>
    public string? IP { get; init; }

    /// <summary>The node it is assigned to.</summary>
    public string? Node { get; init; }

    /// <summary>Added, Modified or Deleted in a watch, otherwise null.</summary>
    public string? Change { get; init; }

    internal V1Pod Object => field ??= Seen.As<V1Pod>();

    object IKubeRecord.Object => Object;

    internal KubeObject Seen { get; init; } = new([]);

    internal DateTimeOffset Read { get; init; }

    /// <summary>Additional details for the list view.</summary>
    public KubeDetail Detail()
    {
        var statuses = (Object.Status?.InitContainerStatuses ?? []).Concat(Object.Status?.ContainerStatuses ?? []).ToDictionary(s => s.Name);
        return KubeDetail.Of(Object.Metadata) with
        {
            Owner = Object.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true) is { } owner ? $"{owner.Kind}/{owner.Name}" : "",
            Conditions = KubeDetail.Lines((Object.Status?.Conditions ?? [])
                .Select(c => KubeDetail.Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, Read))),
            Containers = ContainerLines.Of(Object.Spec, statuses, Read),
            Volumes = KubeDetail.Lines((Object.Spec.Volumes ?? []).Select(VolumeLine.Of)),
        };
    }

    KubeSubject IEventSubject.Subject => KubeSubject.Of(Object, "Pod", Cluster);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlPod From(KubeObject seen, string cluster, DateTimeOffset now)
    {
        // Most objects of a long list are never examined, so only the received JSON is kept.
        var pod = seen.As<V1Pod>();
        var status = PodStatus.Of(pod);
        return new()
        {
            Name = pod.Metadata.Name,
            Namespace = pod.Metadata.NamespaceProperty,
            Cluster = cluster,
            Ready = $"{status.Ready}/{status.Containers}",
            Status = status.Word,
            Restarts = status.Restarts,
            Age = KubeAge.Since(pod.Metadata.CreationTimestamp, now),
            Read = now,
            IP = pod.Status?.PodIP,
            Node = pod.Spec.NodeName,
            Seen = seen,
        };
    }
}
