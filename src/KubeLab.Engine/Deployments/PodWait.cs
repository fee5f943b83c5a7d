using System.Threading.Channels;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Judges a controller and its pods.</summary>
internal interface IPodJudge
{
    /// <summary>The pod and container that caused the failure, for reading the log.</summary>
    (string Pod, string Container, bool Previous)? FailedContainer { get; }

    /// <summary>Judges what was observed.</summary>
    Verdict Judge(DateTimeOffset now);

    /// <summary>Returns, once for each, the pods whose image pull had failed, or that were crashing, when they were first seen.</summary>
    IReadOnlyList<string> TakeFailedPods();
}

/// <summary>Waits by watches until the pods of a controller are ready, and fails as soon as they cannot become ready.</summary>
/// <param name="api">The cluster.</param>
/// <param name="ns">The namespace of the controller.</param>
/// <param name="name">Its name.</param>
/// <param name="judge">The judge.</param>
/// <param name="clock">The clock.</param>
internal sealed class PodWait(KubeApi api, string ns, string name, IPodJudge judge, TimeProvider clock)
{
    private const int LogLines = 20;
    private static readonly TimeSpan JudgeInterval = TimeSpan.FromSeconds(1);

    /// <summary>Whether to replace, once, pods that had failed before the wait began: the kubelet would retry only minutes later.</summary>
    public bool RetriesFailed { get; init; }

    /// <summary>The ErrorId if the pods cannot become ready.</summary>
    public required string FailedId { get; init; }

    /// <summary>The ErrorId of a timeout.</summary>
    public required string TimeoutId { get; init; }

    /// <summary>What to do next, or null.</summary>
    public string? NextStep { get; init; }

    /// <summary>The steps of a watch that pass its changes to a judge.</summary>
    public static IAsyncEnumerable<Action> Observe<T>(IAsyncEnumerable<KubeChange<T>> changes, Action<KubeChange<T>> observe) =>
        changes.Select(change => (Action)(() => observe(change)));

    /// <summary>Waits.</summary>
    /// <param name="watch">Starts the watches.</param>
    /// <param name="timeout">The maximum time to wait.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException"><see cref="FailedId"/> with the reason and the last log lines of a crashed container;
    /// <see cref="TimeoutId"/>.</exception>
    public async Task RunAsync(Func<CancellationToken, IAsyncEnumerable<Action>[]> watch, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var updates = Channel.CreateUnbounded<Action?>(new() { SingleReader = true });
        Task[] sources = [.. watch(linked.Token).Select(one => ForwardAsync(one, updates.Writer)), TickAsync(updates.Writer, linked.Token)];
        try
        {
            await JudgeAsync(updates.Reader, timeout, events, stop);
        }
        finally
        {
            await linked.CancelAsync();
            await Task.WhenAll(sources).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task JudgeAsync(ChannelReader<Action?> updates, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (start, lastReason) = (clock.GetTimestamp(), "");
        while (await updates.WaitToReadAsync(stop))
        {
            while (updates.TryRead(out var update))
                update?.Invoke();
            var verdict = judge.Judge(clock.GetUtcNow());
            if (RetriesFailed && verdict.State != VerdictState.Ready && await RetryAsync(events, stop))
                continue;
            if (verdict.State == VerdictState.Ready)
                return;
            if (verdict.State == VerdictState.Failed)
                throw new KlException(FailedId, KlErrorKind.Failed, name, $"{ns}/{name}: {verdict.Reason}{await LogAsync(stop)}", NextStep);
            if (clock.GetElapsedTime(start) >= timeout)
                throw new KlException(TimeoutId, KlErrorKind.Timeout, name, $"{ns}/{name}: not available after {timeout.TotalSeconds:0} s: {verdict.Reason}",
                    NextStep);
            if (verdict.Reason != lastReason)
                events.Step(name, lastReason = verdict.Reason);
        }
        throw new OperationCanceledException(stop);
    }

    private async Task<bool> RetryAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var again = false;
        foreach (var pod in judge.TakeFailedPods())
            try
            {
                if (!await api.DeleteAsync<V1Pod>(pod, ns, stop))
                    continue;
                again = true;
                events.Changed(name, $"pod {pod} deleted, because it had failed before. Its replacement starts now");
            }
            catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
            {
                events.Detail(name, $"pod {pod} cannot be deleted: {error.Message}");
            }
        return again;
    }

    private async Task<string> LogAsync(CancellationToken stop)
    {
        if (judge.FailedContainer is not var (pod, container, previous))
            return "";
        try
        {
            var log = await api.LogTailAsync(ns, pod, container, LogLines, previous, stop);
            return log.Trim().Length == 0 ? "; its log is empty" : $"; its last log lines:\n{log.TrimEnd()}";
        }
        catch (KlException error)
        {
            return $"; its log cannot be read: {error.Message}";
        }
    }

    private static async Task ForwardAsync(IAsyncEnumerable<Action> changes, ChannelWriter<Action?> updates)
    {
        try
        {
            await foreach (var change in changes)
                updates.TryWrite(change);
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
