using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Waits by watches until a deployment is available, and fails as soon as it cannot become available.</summary>
/// <param name="api">The cluster.</param>
/// <param name="deployment">The deployment.</param>
/// <param name="clock">The clock.</param>
internal sealed class Rollout(KubeApi api, V1Deployment deployment, TimeProvider clock)
{
    private readonly string _ns = deployment.Metadata.NamespaceProperty;
    private readonly string _name = deployment.Metadata.Name;
    private readonly RolloutJudge _judge = new();

    /// <summary>Whether to replace, once, pods that had failed before the wait began: the kubelet would retry only minutes later.</summary>
    public bool RetriesFailed { get; init; }

    /// <summary>The last seen ReplicaSets that its selector matches.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _judge.Sets;

    /// <exception cref="KlException">DeploymentFailed with the reason and the last log lines of a crashed container; DeploymentTimeout.</exception>
    public async Task<V1Deployment> WaitAsync(TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        var pods = KubeSelector.Of(deployment.Spec.Selector);
        await new PodWait(api, _ns, _name, _judge, clock)
        {
            RetriesFailed = RetriesFailed, FailedId = ErrorIds.DeploymentFailed, TimeoutId = ErrorIds.DeploymentTimeout,
        }.RunAsync(token =>
        [
            PodWait.Observe(api.WatchAsync<V1Deployment>(_ns, KubeSelector.Named(_name), token), _judge.Observe),
            PodWait.Observe(api.WatchAsync<V1ReplicaSet>(_ns, pods, token), _judge.Observe),
            PodWait.Observe(api.WatchAsync<V1Pod>(_ns, pods, token), _judge.Observe),
        ], timeout, events, stop);
        return _judge.Deployment!;
    }
}
