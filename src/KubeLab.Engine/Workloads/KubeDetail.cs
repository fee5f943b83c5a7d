using k8s.Models;

namespace KubeLab.Engine.Workloads;

/// <summary>What kubectl describe tells of an object beyond its table, each as lines of text; empty where it has none.</summary>
public sealed record KubeDetail
{
    /// <summary>Labels.</summary>
    public string Labels { get; init; } = "";

    /// <summary>Annotations.</summary>
    public string Annotations { get; init; } = "";

    /// <summary>Conditions: what, whether, since when and why.</summary>
    public string Conditions { get; init; } = "";

    /// <summary>Containers: image, state, ports, environment, probes, resources, mounts.</summary>
    public string Containers { get; init; } = "";

    /// <summary>Volumes.</summary>
    public string Volumes { get; init; } = "";

    /// <summary>Who controls it, as in ReplicaSet/web-7d4.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What its pods are picked by.</summary>
    public string Selector { get; init; } = "";

    /// <summary>How pods are replaced.</summary>
    public string Strategy { get; init; } = "";

    /// <summary>Taints.</summary>
    public string Taints { get; init; } = "";

    /// <summary>All that a node has.</summary>
    public string Capacity { get; init; } = "";

    /// <summary>What pods may use of it.</summary>
    public string Allocatable { get; init; } = "";

    /// <summary>How a service chooses among its pods.</summary>
    public string Policies { get; init; } = "";

    internal static KubeDetail Of(V1Node node, DateTimeOffset now) => Of(node.Metadata) with
    {
        Taints = Lines((node.Spec?.Taints ?? []).Select(NodeTaints.Text)),
        Capacity = Amounts(node.Status?.Capacity),
        Allocatable = Amounts(node.Status?.Allocatable),
        Conditions = Lines((node.Status?.Conditions ?? []).Select(c => Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, now))),
    };

    internal static KubeDetail Of(V1Pod pod, DateTimeOffset now)
    {
        var statuses = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []).ToDictionary(s => s.Name);
        return Of(pod.Metadata) with
        {
            Owner = pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true) is { } owner ? $"{owner.Kind}/{owner.Name}" : "",
            Conditions = Lines((pod.Status?.Conditions ?? []).Select(c => Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, now))),
            Containers = Lines((pod.Spec.InitContainers ?? []).SelectMany(c => ContainerLines.Of(c, statuses.GetValueOrDefault(c.Name), "init", now))
                .Concat(pod.Spec.Containers.SelectMany(c => ContainerLines.Of(c, statuses.GetValueOrDefault(c.Name), "", now)))),
            Volumes = Lines((pod.Spec.Volumes ?? []).Select(VolumeLine.Of)),
        };
    }

    internal static KubeDetail Of(V1Deployment deployment, DateTimeOffset now)
    {
        var (spec, template) = (deployment.Spec, deployment.Spec.Template.Spec);
        return Of(deployment.Metadata) with
        {
            Selector = Kube.KubeSelector.Of(spec.Selector).Labels ?? "",
            Strategy = spec.Strategy?.RollingUpdate is { } rolling ? $"{spec.Strategy.Type}, max unavailable {rolling.MaxUnavailable?.Value}, max surge {rolling.MaxSurge?.Value}" : spec.Strategy?.Type ?? "",
            Conditions = Lines((deployment.Status?.Conditions ?? []).Select(c => Condition(c.Type, c.Status, c.LastTransitionTime, c.Reason, c.Message, now))),
            Containers = Lines((template.InitContainers ?? []).SelectMany(c => ContainerLines.Of(c, null, "init", now)).Concat(template.Containers.SelectMany(c => ContainerLines.Of(c, null, "", now)))),
            Volumes = Lines((template.Volumes ?? []).Select(VolumeLine.Of)),
        };
    }

    internal static KubeDetail Of(V1Service service) => Of(service.Metadata) with
    {
        Selector = Lines((service.Spec.Selector ?? new Dictionary<string, string>()).Select(s => $"{s.Key}={s.Value}")),
        Policies = string.Join(", ", new[] { ("session affinity", service.Spec.SessionAffinity), ("external traffic", service.Spec.ExternalTrafficPolicy), ("internal traffic", service.Spec.InternalTrafficPolicy) }
            .Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => $"{p.Item1} {p.Item2}")),
    };

    internal static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    private static KubeDetail Of(V1ObjectMeta metadata) => new() { Labels = Map(metadata.Labels), Annotations = Map(metadata.Annotations) };

    private static string Map(IDictionary<string, string>? map) => Lines((map ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    private static string Amounts(IDictionary<string, ResourceQuantity>? amounts) => string.Join(", ", (amounts ?? new Dictionary<string, ResourceQuantity>()).Select(a => $"{a.Key} {a.Value}"));

    private static string Condition(string type, string status, DateTime? since, string? reason, string? message, DateTimeOffset now) =>
        string.Join("  ", new[] { $"{type} {status}", KubeAge.Since(since, now)?.ToString(), reason, message }.Where(part => !string.IsNullOrEmpty(part)));
}
