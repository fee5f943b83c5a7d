using System.Threading.Channels;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Waits for a deployment to be available, by watches, and fails as soon as it is clear that it will not be.</summary>
/// <param name="api">The cluster.</param>
/// <param name="deployment">The deployment.</param>
/// <param name="clock">Time.</param>
internal sealed class Rollout(KubeApi api, V1Deployment deployment, TimeProvider clock)
{
    private const int LogLines = 20;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly string _ns = deployment.Metadata.NamespaceProperty;
    private readonly string _name = deployment.Metadata.Name;
    private readonly RolloutJudge _judge = new();

    /// <summary>Whether pods whose image could not be pulled before the wait began are replaced once: their kubelet would try again only minutes later.</summary>
    public bool PullsAgain { get; init; }

    /// <summary>The ReplicaSets that its selector picks, as seen last.</summary>
    public IReadOnlyCollection<V1ReplicaSet> Sets => _judge.Sets;

    /// <exception cref="KlException">DeploymentFailed with the reason and the crashed container's last lines; DeploymentTimeout.</exception>
    public async Task<V1Deployment> WaitAsync(TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var news = Channel.CreateUnbounded<Action?>(new() { SingleReader = true });
        var pods = KubeSelector.Of(deployment.Spec.Selector);
        Task[] sources =
        [
            PumpAsync(api.WatchAsync<V1Deployment>(_ns, KubeSelector.Named(_name), left.Token), _judge.See, news.Writer),
            PumpAsync(api.WatchAsync<V1ReplicaSet>(_ns, pods, left.Token), _judge.See, news.Writer),
            PumpAsync(api.WatchAsync<V1Pod>(_ns, pods, left.Token), _judge.See, news.Writer),
            BeatAsync(news.Writer, left.Token),
        ];
        try
        {
            return await JudgeAsync(news.Reader, timeout, events, stop);
        }
        finally
        {
            await left.CancelAsync();
            await Task.WhenAll(sources).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<V1Deployment> JudgeAsync(ChannelReader<Action?> news, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (start, said) = (clock.GetTimestamp(), "");
        while (await news.WaitToReadAsync(stop))
        {
            while (news.TryRead(out var see))
                see?.Invoke();
            var verdict = _judge.Judge(clock.GetUtcNow());
            if (PullsAgain && verdict.State != VerdictState.Ready && await PullAgainAsync(events, stop))
                continue;
            if (verdict.State == VerdictState.Ready)
                return _judge.Deployment!;
            if (verdict.State == VerdictState.Failed)
                throw new KlException(ErrorIds.DeploymentFailed, KlErrorKind.Failed, _name, $"{_ns}/{_name}: {verdict.Reason}{await LogAsync(stop)}",
                    "Correct what is named and run it again; Get-KlPod shows the pods.");
            if (clock.GetElapsedTime(start) >= timeout)
                throw new KlException(ErrorIds.DeploymentTimeout, KlErrorKind.Timeout, _name, $"{_ns}/{_name}: not available after {timeout.TotalSeconds:0} s: {verdict.Reason}",
                    "Look at its pods with Get-KlPod; a longer -Timeout may be all it needs.");
            if (verdict.Reason != said)
                events.Step(_name, said = verdict.Reason);
        }
        throw new OperationCanceledException(stop);
    }

    private async Task<bool> PullAgainAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var again = false;
        foreach (var pod in _judge.TakePullsFailedBefore())
            try
            {
                if (!await api.DeleteAsync<V1Pod>(pod, _ns, stop))
                    continue;
                again = true;
                events.Changed(_name, $"pod {pod} replaced, so that its image is pulled again now");
            }
            catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
            {
                events.Detail(_name, $"pod {pod} cannot be replaced: {error.Message}");
            }
        return again;
    }

    private async Task<string> LogAsync(CancellationToken stop)
    {
        if (_judge.Culprit is not var (pod, container, previous))
            return "";
        try
        {
            var log = await api.LogTailAsync(_ns, pod, container, LogLines, previous, stop);
            return log.Trim().Length == 0 ? "; its log is empty" : $"; its last lines:\n{log.TrimEnd()}";
        }
        catch (KlException error)
        {
            return $"; its log cannot be read: {error.Message}";
        }
    }

    private static async Task PumpAsync<T>(IAsyncEnumerable<KubeChange<T>> changes, Action<KubeChange<T>> see, ChannelWriter<Action?> news)
    {
        try
        {
            await foreach (var change in changes)
                news.TryWrite(() => see(change));
        }
        catch (Exception error)
        {
            // The reader ends with it.
            news.TryComplete(error);
            throw;
        }
    }

    private async Task BeatAsync(ChannelWriter<Action?> news, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Beat, clock);
        while (await timer.WaitForNextTickAsync(stop))
            news.TryWrite(null);
    }
}
