using System.Globalization;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Judges the progress of a rollout. Watches supply the data; it can be judged at any time.</summary>
/// <remarks>Complete has the same meaning as in kubectl rollout status (polymorphichelpers/rollout_status.go). Failures are judged only from the
/// pods of the newest ReplicaSet.</remarks>
internal sealed class RolloutJudge : IPodJudge
{
    private readonly Dictionary<string, V1ReplicaSet> _sets = [];
    private readonly PodJudge _pods = new();
    private bool _deleted;
    private bool _retriesFailed;

    /// <summary>The last seen deployment.</summary>
    public V1Deployment? Deployment { get; private set; }

    /// <summary>The last seen ReplicaSets.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _sets.Values;

    /// <summary>The pod and container that caused the failure, for reading the log.</summary>
    public (string Pod, string Container, bool Previous)? FailedContainer => _pods.FailedContainer;

    public void Observe(KubeChange<V1Deployment> change)
    {
        Deployment = change.Object;
        _deleted = change.Type == WatchEventType.Deleted;
    }

    public void Observe(KubeChange<V1ReplicaSet> change)
    {
        if (change.Type == WatchEventType.Deleted)
            _sets.Remove(change.Object.Metadata.Uid);
        else
            _sets[change.Object.Metadata.Uid] = change.Object;
    }

    public void Observe(KubeChange<V1Pod> change) => _pods.Observe(change);

    /// <summary>Returns, once for each, the pods of the newest ReplicaSet that had failed when they were first seen.</summary>
    public IReadOnlyList<string> TakeFailedPods()
    {
        var failed = Newest() is { } newest ? _pods.TakeFailedPods(newest.Metadata.Uid) : [];
        _retriesFailed |= failed.Count > 0;
        return failed;
    }

    /// <summary>Judges the rollout.</summary>
    public Verdict Judge(DateTimeOffset now)
    {
        var verdicts = Newest() is { } newest ? _pods.Judge(newest.Metadata.Uid, now) : [];
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
            return _pods.FailedAfter("ReplicaFailure", $"its pods cannot be created: {rejected.Message}", now, PodJudge.ErrorTolerance);
        if (verdicts is [{ State: VerdictState.Failed } failed, ..])
            return failed;
        // The deadline passed before the pods were replaced. The controller keeps this condition until a pod is available.
        if (!_retriesFailed && Condition(status, "Progressing") is { Reason: "ProgressDeadlineExceeded" } expired)
            return Verdict.Failed(expired.Message + Because(verdicts));
        if (updated > desired)
            return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{updated - desired} replicas to be terminated"));
        return Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(available, desired)} of {desired} replicas available")
            + Because(verdicts));
    }

    private static string Because(IReadOnlyList<Verdict> verdicts) => verdicts.Count == 0 ? "" : "; " + verdicts[0].Reason;

    private V1ReplicaSet? Newest() => Deployment is { } deployment ? _sets.Values.Where(set => Owns(set, deployment.Metadata.Uid)).MaxBy(Revision) : null;

    internal static bool Owns(IKubernetesObject<V1ObjectMeta> owned, string uid) => owned.Metadata.OwnerReferences?.Any(o => o.Uid == uid) == true;

    internal static long Revision(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue("deployment.kubernetes.io/revision", out var text) == true
            && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static V1DeploymentCondition? Condition(V1DeploymentStatus status, string type) => status.Conditions?.FirstOrDefault(c => c.Type == type);
}
