using System.Globalization;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Deployments;

/// <summary>What is known of a deployment that rolls out, and what to think of it. Fed by watches, judged at any time.</summary>
/// <remarks>Complete is what kubectl rollout status calls so (polymorphichelpers/rollout_status.go); failures are judged from the pods of the newest ReplicaSet alone.</remarks>
internal sealed class RolloutJudge
{
    // Schedulers, quotas and volumes need a moment to settle; what is still wrong after it will stay so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // Until pods that go have freed their place; until a provisioner has made a volume and the scheduler has looked again.
    private static readonly TimeSpan SchedulingTakes = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BindingTakes = TimeSpan.FromMinutes(2);
    private const int Crashes = 2;
    private const int Pulls = 3;

    // What containerd and registries say of a pull that trying again does not mend.
    private static readonly string[] Hopeless = ["not found", "notfound", "x509", "manifest unknown", "name unknown", "no match for platform"];

    // A kubelet that has not seen a pod's pull secret yet pulls without it, and with it the next time.
    private static readonly string[] Refused = ["unauthorized", "denied", "authorization failed", "no basic auth"];

    private readonly Dictionary<string, V1Pod> _pods = [];
    private readonly Dictionary<string, V1ReplicaSet> _sets = [];
    private readonly Dictionary<string, DateTimeOffset> _since = [];
    private readonly Dictionary<string, (int Count, string Message, bool Now)> _pulls = [];

    private readonly HashSet<string> _failedBefore = [];

    private bool _deleted;
    private bool _pullsAgain;

    /// <summary>The deployment as seen last.</summary>
    public V1Deployment? Deployment { get; private set; }

    /// <summary>The ReplicaSets as seen last.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _sets.Values;

    /// <summary>The pod and container that a verdict blames; their log is evidence.</summary>
    public (string Pod, string Container, bool Previous)? Culprit { get; private set; }

    public void See(KubeChange<V1Deployment> change)
    {
        Deployment = change.Object;
        _deleted = change.Type == WatchEventType.Deleted;
    }

    public void See(KubeChange<V1ReplicaSet> change) => Keep(_sets, change);

    /// <summary>Names the pods of the newest ReplicaSet that could not pull an image when they were first seen, each once.
    /// The pods that replace them are judged by their first pull.</summary>
    public IReadOnlyList<string> TakePullsFailedBefore()
    {
        if (Deployment is null || _failedBefore.Count == 0)
            return [];
        string[] failed = [.. Pods(Deployment).Where(pod => _failedBefore.Remove(pod.Metadata.Uid)).Select(pod => pod.Metadata.Name)];
        _pullsAgain |= failed.Length > 0;
        return failed;
    }

    public void See(KubeChange<V1Pod> change)
    {
        if (!_pods.ContainsKey(change.Object.Metadata.Uid) && change.Object.Status?.ContainerStatuses?.Any(c => c.State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff") == true)
            _failedBefore.Add(change.Object.Metadata.Uid);
        Keep(_pods, change);
        foreach (var container in change.Object.Status?.ContainerStatuses ?? [])
        {
            var key = change.Object.Metadata.Uid + container.Name;
            var (count, message, was) = _pulls.GetValueOrDefault(key);
            var now = container.State?.Waiting?.Reason == "ErrImagePull";
            _pulls[key] = (count + (now && !was ? 1 : 0), now ? container.State!.Waiting.Message ?? "" : message ?? "", now);
        }
    }

    /// <summary>Ready, pending or failed, and why.</summary>
    public Verdict Judge(DateTimeOffset now)
    {
        Culprit = null;
        if (Deployment is not { } deployment)
            return Verdict.Pending("looking");
        if (_deleted)
            return Verdict.Failed("the deployment was deleted");
        var (wanted, status) = (deployment.Spec.Replicas ?? 1, deployment.Status ?? new());
        if ((status.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
            return Verdict.Pending("not yet seen by the deployment controller");
        var (updated, available) = (status.UpdatedReplicas ?? 0, status.AvailableReplicas ?? 0);
        if (updated == wanted && (status.Replicas ?? 0) <= updated && available >= updated)
            return Verdict.Ready;
        if (Condition(status, "ReplicaFailure") is { Status: "True" } refused)
            return Lasting("ReplicaFailure", $"its pods are refused: {refused.Message}", now, Patience);
        var said = Pods(deployment).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(pod => Judge(pod, now)).OfType<Verdict>().ToList();
        if (said.Find(v => v.State == VerdictState.Failed) is { } failed)
            return failed;
        // The deadline passed before the pods were replaced; the controller does not take that back until one is available.
        if (!_pullsAgain && Condition(status, "Progressing") is { Reason: "ProgressDeadlineExceeded" } late)
            return Verdict.Failed(late.Message + Because(said));
        if (updated > wanted)
            return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{updated - wanted} replicas too many"));
        return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(available, wanted)} of {wanted} replicas available") + Because(said));
    }

    private static string Because(List<Verdict> said) => said.Count == 0 ? "" : "; " + said[0].Reason;

    private IEnumerable<V1Pod> Pods(V1Deployment deployment)
    {
        var newest = _sets.Values.Where(s => Owns(s, deployment.Metadata.Uid)).MaxBy(Revision);
        return newest is null ? [] : _pods.Values.Where(p => Owns(p, newest.Metadata.Uid) && p.Metadata.DeletionTimestamp is null);
    }

    private Verdict? Judge(V1Pod pod, DateTimeOffset now)
    {
        var name = pod.Metadata.Name;
        if (PodStatus.Condition(pod.Status, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } unfit)
            return Lasting("Unschedulable " + pod.Metadata.Uid, $"no node fits {name}: {unfit.Message}", now,
                unfit.Message?.Contains("PersistentVolumeClaim", StringComparison.OrdinalIgnoreCase) == true ? BindingTakes : SchedulingTakes);
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
            if (Judge(pod, container, now) is { } verdict)
                return verdict;
        var status = PodStatus.Of(pod);
        return PodStatus.Condition(pod.Status, "Ready") is { Status: "True" } ? null
            : Verdict.Pending($"{name} is {(status.Word == "Running" ? "running but not ready" : status.Word)}{(pod.Spec.NodeName is { } node ? " on " + node : "")}");
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
                return Lasting(waiting.Reason + pod.Metadata.Uid, $"{name} cannot start: {waiting.Reason}: {waiting.Message}", now, Patience);
        }
        var crashed = waiting?.Reason == "CrashLoopBackOff" && container.RestartCount >= Crashes || !container.Ready && container.RestartCount > 2 * Crashes;
        if (!crashed)
            return null;
        var previous = container.State?.Terminated is null && container.LastState?.Terminated is not null;
        var end = container.State?.Terminated ?? container.LastState?.Terminated;
        Culprit = (name, container.Name, previous && container.State?.Running is not null);
        return Verdict.Failed($"{name} crashes: started {container.RestartCount + 1} times, the last ended with {(end is null ? "no word" : $"exit code {end.ExitCode} ({end.Reason})")}");
    }

    private Verdict JudgePull(V1Pod pod, V1ContainerStatus container, V1ContainerStateWaiting waiting, DateTimeOffset now)
    {
        var (count, message, _) = _pulls[pod.Metadata.Uid + container.Name];
        // Servers from 1.31 on tell the cause while they back off, too.
        var cause = message.Length > 0 ? message : waiting.Message ?? "";
        var reason = $"{pod.Metadata.Name} cannot pull {container.Image}{(pod.Spec.NodeName is { } node ? $" on {node}" : "")}: {cause}";
        bool Says(string[] words) => Array.Exists(words, word => cause.Contains(word, StringComparison.OrdinalIgnoreCase));
        var hopeless = waiting.Reason == "ImagePullBackOff" && (Says(Refused) ? count > 1 : Says(Hopeless));
        // A back-off seen without the error before it: the pod has failed since before we looked.
        var old = count == 0 && pod.Metadata.CreationTimestamp is { } made && now.UtcDateTime - made > 4 * Patience;
        return hopeless || count >= (_pullsAgain ? 1 : Pulls) || old ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }

    /// <summary>Failed once it has been so for a while.</summary>
    private Verdict Lasting(string key, string reason, DateTimeOffset now, TimeSpan patience)
    {
        _since.TryAdd(key, now);
        return now - _since[key] >= patience ? Verdict.Failed(reason) : Verdict.Pending(reason);
    }

    private static void Keep<T>(Dictionary<string, T> kept, KubeChange<T> change) where T : IKubernetesObject<V1ObjectMeta>
    {
        if (change.Type == WatchEventType.Deleted)
            kept.Remove(change.Object.Metadata.Uid);
        else
            kept[change.Object.Metadata.Uid] = change.Object;
    }

    internal static bool Owns(IKubernetesObject<V1ObjectMeta> owned, string uid) => owned.Metadata.OwnerReferences?.Any(o => o.Uid == uid) == true;

    internal static long Revision(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue("deployment.kubernetes.io/revision", out var text) == true && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static V1DeploymentCondition? Condition(V1DeploymentStatus status, string type) => status.Conditions?.FirstOrDefault(c => c.Type == type);
}
