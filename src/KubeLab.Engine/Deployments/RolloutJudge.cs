using System.Globalization;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Deployments;

/// <summary>Judges the progress of a rollout. Watches supply the data; it can be judged at any time.</summary>
/// <remarks>Complete has the same meaning as in kubectl rollout status (polymorphichelpers/rollout_status.go). Failures are judged only from the
/// pods of the newest ReplicaSet.</remarks>
internal sealed class RolloutJudge
{
    // Schedulers, quotas and volumes need a moment to settle. An error that lasts longer is permanent.
    private static readonly TimeSpan ErrorTolerance = TimeSpan.FromSeconds(15);

    // Time for terminating pods to free their resources, and for a provisioner to create a volume.
    private static readonly TimeSpan SchedulingTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BindingTimeout = TimeSpan.FromMinutes(2);
    private const int MaxCrashes = 2;
    private const int MaxPulls = 3;

    // Pull errors of containerd and registries that a retry does not resolve.
    private static readonly string[] PermanentErrors = ["not found", "notfound", "x509", "manifest unknown", "name unknown", "no match for platform"];

    // A kubelet that has not seen the pull secret yet pulls without it, and retries with it.
    private static readonly string[] AuthenticationErrors = ["unauthorized", "denied", "authorization failed", "no basic auth"];

    private readonly Dictionary<string, V1Pod> _pods = [];
    private readonly Dictionary<string, V1ReplicaSet> _sets = [];
    private readonly Dictionary<string, DateTimeOffset> _since = [];
    private readonly Dictionary<string, (int Count, string Message, bool Now)> _pulls = [];

    private readonly HashSet<string> _podsWithFailedPulls = [];

    private bool _deleted;
    private bool _retriesPulls;

    /// <summary>The last seen deployment.</summary>
    public V1Deployment? Deployment { get; private set; }

    /// <summary>The last seen ReplicaSets.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _sets.Values;

    /// <summary>The pod and container that caused the failure, for reading the log.</summary>
    public (string Pod, string Container, bool Previous)? FailedContainer { get; private set; }

    public void Observe(KubeChange<V1Deployment> change)
    {
        Deployment = change.Object;
        _deleted = change.Type == WatchEventType.Deleted;
    }

    public void Observe(KubeChange<V1ReplicaSet> change) => Update(_sets, change);

    /// <summary>Returns, once for each, the pods of the newest ReplicaSet whose image pull had failed when they were first seen.
    /// Their replacements are judged by their first pull.</summary>
    public IReadOnlyList<string> TakePodsWithFailedPulls()
    {
        if (Deployment is null || _podsWithFailedPulls.Count == 0)
            return [];
        string[] failed = [.. Pods(Deployment).Where(pod => _podsWithFailedPulls.Remove(pod.Metadata.Uid)).Select(pod => pod.Metadata.Name)];
        _retriesPulls |= failed.Length > 0;
        return failed;
    }

    public void Observe(KubeChange<V1Pod> change)
    {
        if (!_pods.ContainsKey(change.Object.Metadata.Uid)
            && change.Object.Status?.ContainerStatuses?.Any(c => c.State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff") == true)
            _podsWithFailedPulls.Add(change.Object.Metadata.Uid);
        Update(_pods, change);
        foreach (var container in change.Object.Status?.ContainerStatuses ?? [])
        {
            var key = change.Object.Metadata.Uid + container.Name;
            var (count, message, was) = _pulls.GetValueOrDefault(key);
            var now = container.State?.Waiting?.Reason == "ErrImagePull";
            _pulls[key] = (count + (now && !was ? 1 : 0), now ? container.State!.Waiting.Message ?? "" : message ?? "", now);
        }
    }

    /// <summary>Judges the rollout.</summary>
    public Verdict Judge(DateTimeOffset now)
    {
        FailedContainer = null;
        if (Deployment is not { } deployment)
            return Verdict.Pending("waiting for its status");
        if (_deleted)
            return Verdict.Failed("the deployment was deleted");
        var (desired, status) = (deployment.Spec.Replicas ?? 1, deployment.Status ?? new());
        if ((status.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
            return Verdict.Pending("not observed by the deployment controller yet");
        var (updated, available) = (status.UpdatedReplicas ?? 0, status.AvailableReplicas ?? 0);
        if (updated == desired && (status.Replicas ?? 0) <= updated && available >= updated)
            return Verdict.Ready;
        if (Condition(status, "ReplicaFailure") is { Status: "True" } rejected)
            return FailedAfter("ReplicaFailure", $"its pods cannot be created: {rejected.Message}", now, ErrorTolerance);
        var verdicts = Pods(deployment).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(pod => Judge(pod, now)).OfType<Verdict>().ToList();
        if (verdicts.Find(v => v.State == VerdictState.Failed) is { } failed)
            return failed;
        // The deadline passed before the pods were replaced. The controller keeps this condition until a pod is available.
        if (!_retriesPulls && Condition(status, "Progressing") is { Reason: "ProgressDeadlineExceeded" } expired)
            return Verdict.Failed(expired.Message + Because(verdicts));
        if (updated > desired)
            return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{updated - desired} replicas to be terminated"));
        return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(available, desired)} of {desired} replicas available")
            + Because(verdicts));
    }

    private static string Because(List<Verdict> verdicts) => verdicts.Count == 0 ? "" : "; " + verdicts[0].Reason;

    private IEnumerable<V1Pod> Pods(V1Deployment deployment)
    {
        var newest = _sets.Values.Where(s => Owns(s, deployment.Metadata.Uid)).MaxBy(Revision);
        return newest is null ? [] : _pods.Values.Where(p => Owns(p, newest.Metadata.Uid) && p.Metadata.DeletionTimestamp is null);
    }

    private Verdict? Judge(V1Pod pod, DateTimeOffset now)
    {
        var name = pod.Metadata.Name;
        if (PodStatus.Condition(pod.Status, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } unscheduled)
            return FailedAfter("Unschedulable " + pod.Metadata.Uid, $"{name} cannot be scheduled: {unscheduled.Message}", now,
                unscheduled.Message?.Contains("PersistentVolumeClaim", StringComparison.OrdinalIgnoreCase) == true ? BindingTimeout : SchedulingTimeout);
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
            if (Judge(pod, container, now) is { } verdict)
                return verdict;
        var status = PodStatus.Of(pod);
        return PodStatus.Condition(pod.Status, "Ready") is { Status: "True" } ? null
            : Verdict.Pending($"{name} is {(status.Word == "Running" ? "running but not ready" : status.Word)}"
                + (pod.Spec.NodeName is { } node ? " on " + node : ""));
    }

    private Verdict? Judge(V1Pod pod, V1ContainerStatus container, DateTimeOffset now)
    {
        var (name, waiting) = (pod.Metadata.Name, container.State?.Waiting);
        switch (waiting?.Reason)
        {
            case "InvalidImageName" or "ErrImageNeverPull":
                return Verdict.Failed($"{name} cannot start: {waiting.Reason}: {waiting.Message}");
            case "ErrImagePull" or "ImagePullBackOff":
                return JudgePull(pod, container, waiting, now);
            case "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError":
                return FailedAfter(waiting.Reason + pod.Metadata.Uid, $"{name} cannot start: {waiting.Reason}: {waiting.Message}", now, ErrorTolerance);
        }
        var crashed = waiting?.Reason == "CrashLoopBackOff" && container.RestartCount >= MaxCrashes
            || !container.Ready && container.RestartCount > 2 * MaxCrashes;
        if (!crashed)
            return null;
        var previous = container.State?.Terminated is null && container.LastState?.Terminated is not null;
        var end = container.State?.Terminated ?? container.LastState?.Terminated;
        FailedContainer = (name, container.Name, previous && container.State?.Running is not null);
        return Verdict.Failed($"{name} is crashing: started {container.RestartCount + 1} times, last exit code "
            + (end is null ? "unknown" : $"{end.ExitCode} ({end.Reason})"));
    }

    private Verdict JudgePull(V1Pod pod, V1ContainerStatus container, V1ContainerStateWaiting waiting, DateTimeOffset now)
    {
        var (count, message, _) = _pulls[pod.Metadata.Uid + container.Name];
        // API servers from 1.31 report the cause during back-off too.
        var cause = message.Length > 0 ? message : waiting.Message ?? "";
        var reason = $"{pod.Metadata.Name} cannot pull {container.Image}{(pod.Spec.NodeName is { } node ? $" on {node}" : "")}: {cause}";
        bool Says(string[] words) => Array.Exists(words, word => cause.Contains(word, StringComparison.OrdinalIgnoreCase));
        var isPermanent = waiting.Reason == "ImagePullBackOff" && (Says(AuthenticationErrors) ? count > 1 : Says(PermanentErrors));
        // A back-off without a preceding error: the pull had failed before the wait began.
        var old = count == 0 && pod.Metadata.CreationTimestamp is { } created && now.UtcDateTime - created > 4 * ErrorTolerance;
        return isPermanent || count >= (_retriesPulls ? 1 : MaxPulls) || old ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }

    /// <summary>Failed if the state has lasted for <paramref name="tolerance"/>, otherwise pending.</summary>
    private Verdict FailedAfter(string key, string reason, DateTimeOffset now, TimeSpan tolerance)
    {
        _since.TryAdd(key, now);
        return now - _since[key] >= tolerance ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }

    private static void Update<T>(Dictionary<string, T> kept, KubeChange<T> change) where T : IKubernetesObject<V1ObjectMeta>
    {
        if (change.Type == WatchEventType.Deleted)
            kept.Remove(change.Object.Metadata.Uid);
        else
            kept[change.Object.Metadata.Uid] = change.Object;
    }

    internal static bool Owns(IKubernetesObject<V1ObjectMeta> owned, string uid) => owned.Metadata.OwnerReferences?.Any(o => o.Uid == uid) == true;

    internal static long Revision(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue("deployment.kubernetes.io/revision", out var text) == true
            && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static V1DeploymentCondition? Condition(V1DeploymentStatus status, string type) => status.Conditions?.FirstOrDefault(c => c.Type == type);
}
