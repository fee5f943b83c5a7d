using System.Threading.Channels;
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
    private const int LogLines = 20;
    private static readonly TimeSpan JudgeInterval = TimeSpan.FromSeconds(1);
    private readonly string _ns = deployment.Metadata.NamespaceProperty;
    private readonly string _name = deployment.Metadata.Name;
    private readonly RolloutJudge _judge = new();

    /// <summary>Whether to replace, once, pods whose image pull failed before the wait began: the kubelet would retry only minutes later.</summary>
    public bool RetriesPulls { get; init; }

    /// <summary>The last seen ReplicaSets that its selector matches.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _judge.Sets;

    /// <exception cref="KlException">DeploymentFailed with the reason and the last log lines of a crashed container; DeploymentTimeout.</exception>
    public async Task<V1Deployment> WaitAsync(TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var updates = Channel.CreateUnbounded<Action?>(new() { SingleReader = true });
        var pods = KubeSelector.Of(deployment.Spec.Selector);
        Task[] sources =
        [
            ForwardAsync(api.WatchAsync<V1Deployment>(_ns, KubeSelector.Named(_name), linked.Token), _judge.Observe, updates.Writer),
            ForwardAsync(api.WatchAsync<V1ReplicaSet>(_ns, pods, linked.Token), _judge.Observe, updates.Writer),
            ForwardAsync(api.WatchAsync<V1Pod>(_ns, pods, linked.Token), _judge.Observe, updates.Writer),
            TickAsync(updates.Writer, linked.Token),
        ];
        try
        {
            return await JudgeAsync(updates.Reader, timeout, events, stop);
        }
        finally
        {
            await linked.CancelAsync();
            await Task.WhenAll(sources).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<V1Deployment> JudgeAsync(ChannelReader<Action?> updates, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (start, lastReason) = (clock.GetTimestamp(), "");
        while (await updates.WaitToReadAsync(stop))
        {
            while (updates.TryRead(out var update))
                update?.Invoke();
            var verdict = _judge.Judge(clock.GetUtcNow());
            if (RetriesPulls && verdict.State != VerdictState.Ready && await RetryPullsAsync(events, stop))
                continue;
            if (verdict.State == VerdictState.Ready)
                return _judge.Deployment!;
            if (verdict.State == VerdictState.Failed)
                throw new KlException(ErrorIds.DeploymentFailed, KlErrorKind.Failed, _name, $"{_ns}/{_name}: {verdict.Reason}{await LogAsync(stop)}");
            if (clock.GetElapsedTime(start) >= timeout)
                throw new KlException(ErrorIds.DeploymentTimeout, KlErrorKind.Timeout, _name,
                    $"{_ns}/{_name}: not available after {timeout.TotalSeconds:0} s: {verdict.Reason}");
            if (verdict.Reason != lastReason)
                events.Step(_name, lastReason = verdict.Reason);
        }
        throw new OperationCanceledException(stop);
    }

    private async Task<bool> RetryPullsAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var again = false;
        foreach (var pod in _judge.TakePodsWithFailedPulls())
            try
            {
                if (!await api.DeleteAsync<V1Pod>(pod, _ns, stop))
                    continue;
                again = true;
                events.Changed(_name, $"pod {pod} deleted, so that its replacement pulls the image now");
            }
            catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
            {
                events.Detail(_name, $"pod {pod} cannot be deleted: {error.Message}");
            }
        return again;
    }

    private async Task<string> LogAsync(CancellationToken stop)
    {
        if (_judge.FailedContainer is not var (pod, container, previous))
            return "";
        try
        {
            var log = await api.LogTailAsync(_ns, pod, container, LogLines, previous, stop);
            return log.Trim().Length == 0 ? "; its log is empty" : $"; its last log lines:\n{log.TrimEnd()}";
        }
        catch (KlException error)
        {
            return $"; its log cannot be read: {error.Message}";
        }
    }

    private static async Task ForwardAsync<T>(IAsyncEnumerable<KubeChange<T>> changes, Action<KubeChange<T>> observe, ChannelWriter<Action?> updates)
    {
        try
        {
            await foreach (var change in changes)
                updates.TryWrite(() => observe(change));
        }
        catch (Exception error)
        {
            // Completes the reader with the error.
            updates.TryComplete(error);
            throw;
        }
    }

    private async Task TickAsync(ChannelWriter<Action?> updates, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(JudgeInterval, clock);
        while (await timer.WaitForNextTickAsync(stop))
            updates.TryWrite(null);
    }
}
