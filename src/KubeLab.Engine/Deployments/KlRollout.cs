using k8s.Models;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>A revision of a deployment, as in kubectl rollout history, with its status, as in kubectl rollout status.</summary>
public sealed record KlRollout : IKubeRecord, IEventSubject
{
    /// <summary>The name of the deployment.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The revision number. The highest is the current revision.</summary>
    public required long Revision { get; init; }

    /// <summary>Complete, Progressing or Failed for the current revision; Superseded for earlier ones.</summary>
    public required string Status { get; init; }

    /// <summary>Why the rollout is progressing or failed.</summary>
    public required string Reason { get; init; }

    /// <summary>The number of ready pods of this revision.</summary>
    public required int Ready { get; init; }

    /// <summary>The images of its containers.</summary>
    public required KlCollection<string> Images { get; init; }

    /// <summary>The annotation kubernetes.io/change-cause.</summary>
    public string? ChangeCause { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    internal V1ReplicaSet Object { get; init; } = new();

    object IKubeRecord.Object => Object;

    KubeSubject IEventSubject.Subject => KubeSubject.Of(Object, "ReplicaSet", Cluster);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
