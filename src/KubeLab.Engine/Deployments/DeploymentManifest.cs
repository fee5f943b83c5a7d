using System.Globalization;
using k8s.Models;

namespace KubeLab.Engine.Deployments;

/// <summary>Converts a plan to a Deployment.</summary>
internal static class DeploymentManifest
{
    /// <param name="plan">The plan.</param>
    /// <param name="pullSecret">The pull secret of the image's registry in its namespace, or null.</param>
    public static V1Deployment Of(DeploymentPlan plan, string? pullSecret) => new()
    {
        Metadata = new()
        {
            Name = plan.Name,
            NamespaceProperty = plan.Namespace,
            Labels = ManagedLabels.Labels(plan.Name),
            Annotations = plan.ServiceType is { } type ? new Dictionary<string, string> { [ManagedLabels.ServiceAnnotation] = type } : null,
        },
        Spec = new()
        {
            // A container without ports has no readiness probe: a container that crashes at its start must not count as available.
            MinReadySeconds = plan.Ports.Count == 0 ? 5 : null,
            Replicas = plan.Replicas,
            Selector = Selector(plan),
            // Two pods must not write to the same volume.
            Strategy = plan.Volumes.Count > 0 ? new() { Type = "Recreate" } : null,
            Template = new() { Metadata = new() { Labels = ManagedLabels.Labels(plan.Name) }, Spec = Pod(plan, pullSecret) },
        },
    };

    private static V1LabelSelector Selector(DeploymentPlan plan) =>
        new() { MatchLabels = new Dictionary<string, string> { [ManagedLabels.NameLabel] = plan.Name } };

    private static V1PodSpec Pod(DeploymentPlan plan, string? pullSecret) => new()
    {
        Containers = [Container(plan)],
        // Variables such as DATABASE_PORT=tcp://... for every service in the namespace break some programs.
        EnableServiceLinks = false,
        ImagePullSecrets = pullSecret is null ? null : [new() { Name = pullSecret }],
        TopologySpreadConstraints = [new() { MaxSkew = 1, TopologyKey = "kubernetes.io/hostname", WhenUnsatisfiable = "ScheduleAnyway",
            LabelSelector = Selector(plan) }],
        Volumes = plan.Volumes.Count == 0 ? null : [.. plan.Volumes.Select(v =>
            new V1Volume { Name = v.Volume, PersistentVolumeClaim = new() { ClaimName = v.Claim } })],
    };

    private static V1Container Container(DeploymentPlan plan) => new()
    {
        Name = plan.Name,
        Image = plan.Image,
        Command = plan.Command is { Count: > 0 } command ? [.. command] : null,
        Env = plan.Environment.Count + plan.Secrets.Count == 0 ? null :
        [
            .. plan.Environment.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new V1EnvVar { Name = e.Key, Value = e.Value }),
            .. plan.Secrets.Select(s => new V1EnvVar { Name = s.Variable, ValueFrom = new() { SecretKeyRef = new() { Name = s.Secret, Key = s.Key } } }),
        ],
        // API servers before 1.21 need the protocol to distinguish applied ports.
        Ports = plan.Ports.Count == 0 ? null : [.. plan.Ports.Select(p => new V1ContainerPort { Name = PortName(p), ContainerPort = p, Protocol = "TCP" })],
        ReadinessProbe = plan.Ports.Count == 0 ? null : Probe(plan),
        VolumeMounts = plan.Volumes.Count == 0 ? null : [.. plan.Volumes.Select(v => new V1VolumeMount { Name = v.Volume, MountPath = v.Path })],
    };

    // No liveness probe, so slow containers are not restarted and need no startup probe.
    private static V1Probe Probe(DeploymentPlan plan) => new()
    {
        HttpGet = plan.ReadinessPath is { } path ? new() { Path = path, Port = plan.Ports[0] } : null,
        TcpSocket = plan.ReadinessPath is null ? new() { Port = plan.Ports[0] } : null,
        PeriodSeconds = 3,
        TimeoutSeconds = 10,
        FailureThreshold = 3,
    };

    internal static string PortName(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp-{port}");
}
