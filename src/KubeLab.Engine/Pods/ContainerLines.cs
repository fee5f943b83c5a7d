using System.Globalization;
using k8s.Models;

namespace KubeLab.Engine.Pods;

/// <summary>A container as kubectl describe shows it (kubectl pkg/describe/describe.go, describeContainers), without values of Secrets.</summary>
internal static class ContainerLines
{
    /// <summary>The containers of a pod, first those that initialize it.</summary>
    public static string Of(V1PodSpec pod, IReadOnlyDictionary<string, V1ContainerStatus> statuses, DateTimeOffset now) => KubeDetail.Lines(
        (pod.InitContainers ?? []).SelectMany(c => Of(c, statuses.GetValueOrDefault(c.Name), "init", now))
            .Concat(pod.Containers.SelectMany(c => Of(c, statuses.GetValueOrDefault(c.Name), "", now))));

    private static IEnumerable<string> Of(V1Container container, V1ContainerStatus? status, string kind, DateTimeOffset now)
    {
        yield return $"{container.Name}: {container.Image}{(kind.Length == 0 ? "" : $" ({kind})")}";
        if (status is not null)
            yield return $"  state: {State(status.State, now)}, {(status.Ready ? "ready" : "not ready")}, {status.RestartCount} restarts";
        if (status?.LastState?.Terminated is not null)
            yield return $"  last state: {State(status.LastState, now)}";
        foreach (var (label, text) in new[]
        {
            ("command", string.Join(' ', (container.Command ?? []).Concat(container.Args ?? []))),
            ("ports", string.Join(", ", (container.Ports ?? []).Select(p => $"{p.ContainerPort}/{p.Protocol ?? "TCP"}"))),
            ("environment", string.Join(", ", (container.EnvFrom ?? []).Select(Source).Concat((container.Env ?? []).Select(Variable)))),
            ("liveness", Probe(container.LivenessProbe)),
            ("readiness", Probe(container.ReadinessProbe)),
            ("startup", Probe(container.StartupProbe)),
            ("requests", Amounts(container.Resources?.Requests)),
            ("limits", Amounts(container.Resources?.Limits)),
            ("mounts", string.Join(", ", (container.VolumeMounts ?? [])
                .Select(m => $"{m.MountPath} from {m.Name}{(m.ReadOnlyProperty == true ? " (ro)" : "")}"))),
        })
            if (text.Length > 0)
                yield return $"  {label}: {text}";
    }

    private static string State(V1ContainerState? state, DateTimeOffset now) => state switch
    {
        { Running: { } running } => $"running for {KubeAge.Since(running.StartedAt, now)}",
        { Terminated: { } ended } => $"ended with exit code {ended.ExitCode}{In(ended.Reason)}"
            + $"{(KubeAge.Since(ended.FinishedAt, now) is { } age ? $" {age} ago" : "")}{Because(ended.Message)}",
        { Waiting: { } waiting } => $"waiting{In(waiting.Reason)}{Because(waiting.Message)}",
        _ => "waiting",
    };

    private static string In(string? reason) => string.IsNullOrEmpty(reason) ? "" : $" ({reason})";

    private static string Because(string? message) => string.IsNullOrEmpty(message) ? "" : $": {message.Trim()}";

    private static string Variable(V1EnvVar variable) => variable.ValueFrom switch
    {
        { SecretKeyRef: { } secret } => $"{variable.Name} from secret {secret.Name}/{secret.Key}",
        { ConfigMapKeyRef: { } map } => $"{variable.Name} from configmap {map.Name}/{map.Key}",
        { FieldRef: { } field } => $"{variable.Name} from {field.FieldPath}",
        { ResourceFieldRef: { } resource } => $"{variable.Name} from {resource.Resource}",
        _ => $"{variable.Name}={variable.Value}",
    };

    private static string Source(V1EnvFromSource source) =>
        source.SecretRef is { } secret ? $"all of secret {secret.Name}" : $"all of configmap {source.ConfigMapRef?.Name}";

    private static string Amounts(IDictionary<string, ResourceQuantity>? amounts) =>
        string.Join(", ", (amounts ?? new Dictionary<string, ResourceQuantity>()).Select(a => $"{a.Key} {a.Value}"));

    private static string Probe(V1Probe? probe)
    {
        if (probe is null)
            return "";
        var how = probe switch
        {
            { HttpGet: { } http } => $"{(http.Scheme ?? "HTTP").ToLowerInvariant()}://{http.Host}:{http.Port?.Value}{http.Path}",
            { TcpSocket: { } tcp } => $"tcp {tcp.Host}:{tcp.Port?.Value}",
            { Exec: { } exec } => $"exec {string.Join(' ', exec.Command ?? [])}",
            { Grpc: { } grpc } => string.Create(CultureInfo.InvariantCulture, $"grpc :{grpc.Port}"),
            _ => "unknown",
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"{how}, delay {probe.InitialDelaySeconds ?? 0} s, timeout {probe.TimeoutSeconds ?? 1} s"
                + $", period {probe.PeriodSeconds ?? 10} s, {probe.FailureThreshold ?? 3} failures");
    }
}
