using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>A deployment, as kubectl get deployments -o wide shows it.</summary>
public sealed record KlDeployment : IKubeRecord, IEventSubject
{
    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "Deployment";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The desired number of replicas.</summary>
    public required int Replicas { get; init; }

    /// <summary>Ready and desired replicas, such as 3/3.</summary>
    public required string Ready { get; init; }

    /// <summary>The number of replicas with the current pod template.</summary>
    public required int UpToDate { get; init; }

    /// <summary>The number of available replicas.</summary>
    public required int Available { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>The images of its containers.</summary>
    public required KlCollection<string> Images { get; init; }

    /// <summary>The TCP ports of its containers.</summary>
    public required KlCollection<int> Ports { get; init; }

    /// <summary>Added, Modified or Deleted in a watch, otherwise null.</summary>
    public string? Change { get; init; }

    internal V1Deployment Object { get; init; } = new();

    object IKubeRecord.Object => Object;

    internal DateTimeOffset Read { get; init; }

    /// <summary>Additional details for the list view.</summary>
    public KubeDetail Detail()
    {
        var (strategy, template) = (Object.Spec.Strategy, Object.Spec.Template.Spec);
        return KubeDetail.Of(Object.Metadata) with
        {
            Selector = KubeSelector.Of(Object.Spec.Selector).Labels ?? "",
            Strategy = strategy?.RollingUpdate is { } rolling
                ? $"{strategy.Type}, max unavailable {rolling.MaxUnavailable?.Value}, max surge {rolling.MaxSurge?.Value}" : strategy?.Type ?? "",
            Conditions = KubeDetail.Lines((Object.Status?.Conditions ?? [])
                .Select(c => KubeDetail.Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, Read))),
            Containers = ContainerLines.Of(template, new Dictionary<string, V1ContainerStatus>(), Read),
            Volumes = KubeDetail.Lines((template.Volumes ?? []).Select(VolumeLine.Of)),
        };
    }

    KubeSubject IEventSubject.Subject => KubeSubject.Of(Object, "Deployment", Cluster);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlDeployment From(V1Deployment deployment, string cluster, DateTimeOffset now)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        var containers = deployment.Spec.Template.Spec.Containers;
        return new()
        {
            Name = deployment.Metadata.Name,
            Namespace = deployment.Metadata.NamespaceProperty,
            Cluster = cluster,
            Replicas = desired,
            Ready = $"{deployment.Status?.ReadyReplicas ?? 0}/{desired}",
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
