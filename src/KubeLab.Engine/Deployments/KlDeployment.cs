using k8s.Models;

namespace KubeLab;

/// <summary>A deployment, as kubectl get deployments -o wide shows it.</summary>
public sealed record KlDeployment
{
    /// <summary>Deployment, so that cmdlets for any kind know it.</summary>
    public string Kind { get; } = "Deployment";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>How many replicas are wanted.</summary>
    public required int Replicas { get; init; }

    /// <summary>Ready replicas of the wanted, as in 3/3.</summary>
    public required string Ready { get; init; }

    /// <summary>Replicas made of its present template.</summary>
    public required int UpToDate { get; init; }

    /// <summary>Replicas that can be used.</summary>
    public required int Available { get; init; }

    /// <summary>Since it was made.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Its containers' images.</summary>
    public required string[] Images { get; init; }

    /// <summary>Its containers' TCP ports.</summary>
    public required int[] Ports { get; init; }

    /// <summary>Added, Modified or Deleted, where it is watched.</summary>
    public string? Change { get; init; }

    /// <summary>All that the server said of it.</summary>
    public required V1Deployment Object { get; init; }

    internal DateTimeOffset Read { get; init; }

    /// <summary>What a list shows beyond the table.</summary>
    public KubeDetail Detail() => KubeDetail.Of(Object, Read);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlDeployment From(V1Deployment deployment, string cluster, DateTimeOffset now)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var containers = deployment.Spec.Template.Spec.Containers;
        return new()
        {
            Name = deployment.Metadata.Name,
            Namespace = deployment.Metadata.NamespaceProperty,
            Cluster = cluster,
            Replicas = wanted,
            Ready = $"{deployment.Status?.ReadyReplicas ?? 0}/{wanted}",
            UpToDate = deployment.Status?.UpdatedReplicas ?? 0,
            Available = deployment.Status?.AvailableReplicas ?? 0,
            Age = KubeAge.Since(deployment.Metadata.CreationTimestamp, now),
            Read = now,
            Images = [.. containers.Select(c => c.Image)],
            Ports = [.. containers.SelectMany(c => c.Ports ?? []).Where(p => p.Protocol is null or "TCP").Select(p => p.ContainerPort)],
            Object = deployment,
        };
    }
}
