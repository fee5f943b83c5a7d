using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Deployments;

/// <summary>Judges whether the pods of a controller become ready or cannot. A watch supplies the pods; they can be judged at any time.</summary>
internal sealed class PodJudge
{
    // Schedulers, quotas and volumes need a moment to settle. An error that lasts longer is permanent.
    public static readonly TimeSpan ErrorTolerance = TimeSpan.FromSeconds(15);

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
    private readonly Dictionary<string, DateTimeOffset> _since = [];
    private readonly Dictionary<string, (int Count, string Message, bool Now)> _pulls = [];
    // Whether the image pull of a pod had failed when it was first seen; otherwise a container was crashing.
    private readonly Dictionary<string, bool> _failedBefore = [];
    // The restarts of containers that were running when they were first seen. This start was before the command, and so may be the cause of its crash.
    private readonly Dictionary<string, int> _startedBefore = [];
    private bool _hasRetriedPulls;

    /// <summary>The pod and container that caused the last failure, for reading the log.</summary>
    public (string Pod, string Container, bool Previous)? FailedContainer { get; private set; }

    public void Observe(KubeChange<V1Pod> change)
    {
        var (uid, containers) = (change.Object.Metadata.Uid, Containers(change.Object));
        var isPull = containers.Any(c => c.State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff");
        if (!_pods.ContainsKey(uid))
        {
            if (isPull || containers.Any(IsCrashing))
                _failedBefore.TryAdd(uid, isPull);
            foreach (var container in containers.Where(one => one.State?.Running is not null && !IsCrashing(one)))
                _startedBefore.TryAdd(uid + container.Name, container.RestartCount);
        }
        if (change.Type == WatchEventType.Deleted)
            _pods.Remove(uid);
        else
            _pods[uid] = change.Object;
        foreach (var container in containers)
        {
            var (count, message, was) = _pulls.GetValueOrDefault(uid + container.Name);
            var now = container.State?.Waiting?.Reason == "ErrImagePull";
            _pulls[uid + container.Name] = (count + (now && !was ? 1 : 0), now ? container.State!.Waiting.Message ?? "" : message ?? "", now);
        }
    }

    /// <summary>Returns, once for each, the pods of a controller whose image pull had failed, or that were crashing, when they were first seen. Their
    /// replacements are judged by their first pull.</summary>
    public IReadOnlyList<string> TakeFailedPods(string controller)
    {
        if (_failedBefore.Count == 0)
            return [];
        List<string> failed = [];
        foreach (var pod in Pods(controller).ToList())
            if (_failedBefore.Remove(pod.Metadata.Uid, out var isPull))
            {
                failed.Add(pod.Metadata.Name);
                _hasRetriedPulls |= isPull;
                // The watch can be late to report that it is being deleted.
                _pods.Remove(pod.Metadata.Uid);
            }
        return failed;
    }

    /// <summary>Judges the pods of a controller that are not ready, by name. A failure comes first.</summary>
    /// <param name="controller">The UID of the controller.</param>
    /// <param name="now">The current time.</param>
    public IReadOnlyList<Verdict> Judge(string controller, DateTimeOffset now)
    {
        FailedContainer = null;
        return [.. Pods(controller).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(pod => Judge(pod, now)).OfType<Verdict>()
            .OrderByDescending(verdict => verdict.State == VerdictState.Failed)];
    }

    private IEnumerable<V1Pod> Pods(string controller) =>
        _pods.Values.Where(pod => pod.Metadata.DeletionTimestamp is null && RolloutJudge.Owns(pod, controller));

    private static V1ContainerStatus[] Containers(V1Pod pod) => [.. pod.Status?.InitContainerStatuses ?? [], .. pod.Status?.ContainerStatuses ?? []];

    private static bool IsCrashing(V1ContainerStatus container) => container.State?.Waiting?.Reason == "CrashLoopBackOff"
        ? container.RestartCount >= MaxCrashes : !container.Ready && container.RestartCount > 2 * MaxCrashes;

    private Verdict? Judge(V1Pod pod, DateTimeOffset now)
    {
        var name = pod.Metadata.Name;
        if (PodStatus.Condition(pod.Status, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } unscheduled)
            return FailedAfter("Unschedulable " + pod.Metadata.Uid, $"{name} cannot be scheduled: {unscheduled.Message}", now,
                unscheduled.Message?.Contains("PersistentVolumeClaim", StringComparison.OrdinalIgnoreCase) == true ? BindingTimeout : SchedulingTimeout);
        foreach (var container in Containers(pod))
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
        if (!IsCrashing(container) || _startedBefore.TryGetValue(pod.Metadata.Uid + container.Name, out var restarts) && restarts == container.RestartCount)
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
        return isPermanent || count >= (_hasRetriedPulls ? 1 : MaxPulls) || old ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }

    /// <summary>Failed if the state has lasted for <paramref name="tolerance"/>, otherwise pending.</summary>
    public Verdict FailedAfter(string key, string reason, DateTimeOffset now, TimeSpan tolerance)
    {
        _since.TryAdd(key, now);
        return now - _since[key] >= tolerance ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }
}
