using k8s.Models;

namespace KubeLab;

/// <summary>One revision of a deployment, as kubectl rollout history knows it, and how far it has got, as kubectl rollout status tells.</summary>
public sealed record KlRollout
{
    /// <summary>The deployment's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The revision; the highest is the present one.</summary>
    public required long Revision { get; init; }

    /// <summary>Complete, Progressing or Failed for the present revision; Superseded for those before.</summary>
    public required string Status { get; init; }

    /// <summary>What it waits for or failed of.</summary>
    public required string Reason { get; init; }

    /// <summary>Ready pods of this revision.</summary>
    public required int Ready { get; init; }

    /// <summary>Its containers' images.</summary>
    public required string[] Images { get; init; }

    /// <summary>What the annotation kubernetes.io/change-cause says.</summary>
    public string? ChangeCause { get; init; }

    /// <summary>Since it was first made.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Its ReplicaSet, all that the server said of it.</summary>
    public required V1ReplicaSet Object { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
