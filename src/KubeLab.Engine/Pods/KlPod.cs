using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab;

/// <summary>A pod, as kubectl get pods -o wide shows it.</summary>
public sealed record KlPod
{
    /// <summary>Pod, so that cmdlets for any kind know it.</summary>
    public string Kind { get; } = "Pod";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>Ready containers of all, as in 1/2.</summary>
    public required string Ready { get; init; }

    /// <summary>As kubectl computes it: Running, Completed, Terminating, CrashLoopBackOff, Init:0/1, Evicted, ...</summary>
    public required string Status { get; init; }

    /// <summary>How often its containers were started again.</summary>
    public required int Restarts { get; init; }

    /// <summary>Since it was made.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Its address, once it has one.</summary>
    public string? IP { get; init; }

    /// <summary>The node it was given to.</summary>
    public string? Node { get; init; }

    /// <summary>Added, Modified or Deleted, where it is watched.</summary>
    public string? Change { get; init; }

    /// <summary>What the server said of it, as far as the Kubernetes client knows such fields; Get-KlResource has them all.</summary>
    public V1Pod Object => field ??= Seen.As<V1Pod>();

    internal KubeObject Seen { get; init; } = new([]);

    internal DateTimeOffset Read { get; init; }

    /// <summary>What a list shows beyond the table.</summary>
    public KubeDetail Detail() => KubeDetail.Of(Object, Read);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlPod From(KubeObject seen, string cluster, DateTimeOffset now)
    {
        // Thousands in a list are never looked into: what is kept is what was sent.
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
