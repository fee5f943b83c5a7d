using System.Globalization;
using k8s;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Databases;

/// <summary>Judges whether the members of a database become ready or cannot.</summary>
internal sealed class DatabaseJudge : IPodJudge
{
    private readonly PodJudge _pods = new();
    private bool _deleted;

    /// <summary>The last seen StatefulSet.</summary>
    public V1StatefulSet? Set { get; private set; }

    public (string Pod, string Container, bool Previous)? FailedContainer => _pods.FailedContainer;

    public void Observe(KubeChange<V1StatefulSet> change) => (Set, _deleted) = (change.Object, change.Type == WatchEventType.Deleted);

    public void Observe(KubeChange<V1Pod> change) => _pods.Observe(change);

    public IReadOnlyList<string> TakeFailedPods() => Set is null ? [] : _pods.TakeFailedPods(Set.Metadata.Uid);

    public Verdict Judge(DateTimeOffset now)
    {
        if (Set is not { } set)
            return Verdict.Pending("waiting for its status");
        if (_deleted)
            return Verdict.Failed("the database was deleted");
        var verdicts = _pods.Judge(set.Metadata.Uid, now);
        var (desired, status) = (set.Spec.Replicas ?? 1, set.Status ?? new());
        if ((status.ObservedGeneration ?? 0) < (set.Metadata.Generation ?? 0))
            return Verdict.Pending("not observed by the controller yet");
        var isUpdated = status.UpdateRevision == status.CurrentRevision || status.UpdatedReplicas == desired;
        if (status.ReadyReplicas == desired && status.Replicas == desired && isUpdated)
            return Verdict.Ready;
        return verdicts is [{ State: VerdictState.Failed } failed, ..] ? failed
            : Verdict.Pending(string.Create(CultureInfo.InvariantCulture, $"{status.ReadyReplicas ?? 0} of {desired} members ready")
                + (verdicts.Count == 0 ? "" : "; " + verdicts[0].Reason));
    }
}
