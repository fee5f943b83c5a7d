namespace KubeLab.Engine.Flow;

/// <summary>What one look at a thing that is waited for says.</summary>
/// <param name="State">Ready ends the wait, Failed ends it with an error, Pending goes on.</param>
/// <param name="Reason">Why it is pending or failed; shown while waiting and in the error.</param>
public sealed record Verdict(VerdictState State, string Reason)
{
    /// <summary>It is as wanted.</summary>
    public static Verdict Ready { get; } = new(VerdictState.Ready, "");

    /// <summary>Not yet, because of <paramref name="reason"/>.</summary>
    public static Verdict Pending(string reason) => new(VerdictState.Pending, reason);

    /// <summary>It will never be, because of <paramref name="reason"/>.</summary>
    public static Verdict Failed(string reason) => new(VerdictState.Failed, reason);
}

/// <summary>The three outcomes of one look.</summary>
public enum VerdictState
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>As wanted.</summary>
    Ready,

    /// <summary>Never will be.</summary>
    Failed,
}

/// <summary>How a wait behaves.</summary>
/// <param name="Target">What is waited for, by name; the error's target.</param>
/// <param name="What">What should become true, as in "kubernetes-1 to accept SSH".</param>
/// <param name="Timeout">How long at most.</param>
/// <param name="Interval">Between two looks, where it is not told of changes.</param>
public sealed record WaitOptions(string Target, string What, TimeSpan Timeout, TimeSpan Interval = default)
{
    /// <summary>The ErrorId when it never will be.</summary>
    public string FailedId { get; init; } = ErrorIds.WaitFailed;

    /// <summary>The ErrorId when the time is up.</summary>
    public string TimeoutId { get; init; } = ErrorIds.WaitTimeout;

    /// <summary>What to do when it does not come to pass.</summary>
    public string? NextStep { get; init; }
}

/// <summary>Waits that end early when the thing has failed, and say what was missing when time runs out.</summary>
public static class Wait
{
    /// <summary>Reads until <paramref name="judge"/> says Ready or Failed, or the time is up.</summary>
    /// <returns>The value that was judged Ready.</returns>
    /// <exception cref="KlException">Judged Failed, or the time is up (<see cref="KlErrorKind.Timeout"/>).</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static async Task<T> UntilAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, Verdict> judge, WaitOptions options,
        TimeProvider clock, CancellationToken stop, Action<string>? pending = null)
    {
        var start = clock.GetTimestamp();
        for (var said = ""; ;)
        {
            var left = options.Timeout - clock.GetElapsedTime(start);
            var (value, verdict) = await ProbeAsync(read, judge, left > options.Interval ? left : options.Interval, clock, stop);
            if (verdict.State == VerdictState.Ready)
                return value!;
            if (verdict.State == VerdictState.Failed)
                throw Failed(options, verdict.Reason);
            if (clock.GetElapsedTime(start) >= options.Timeout)
                throw Late(options, verdict.Reason);
            if (verdict.Reason != said)
                pending?.Invoke(said = verdict.Reason);
            await Task.Delay(options.Interval, clock, stop);
        }
    }

    /// <summary>Takes what <paramref name="watch"/> tells until <paramref name="judge"/> says Ready or Failed, or the time is up. The first thing told is judged in any case.</summary>
    /// <returns>What was judged Ready.</returns>
    /// <exception cref="KlException">Judged Failed, or the time is up (<see cref="KlErrorKind.Timeout"/>).</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static async Task<T> ForAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> watch, Func<T, Verdict> judge, WaitOptions options,
        TimeProvider clock, CancellationToken stop, Action<string>? pending = null)
    {
        var (start, said) = (clock.GetTimestamp(), "");
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            await foreach (var seen in watch(either.Token))
            {
                var verdict = judge(seen);
                if (verdict.State == VerdictState.Ready)
                    return seen;
                if (verdict.State == VerdictState.Failed)
                    throw Failed(options, verdict.Reason);
                var isNews = verdict.Reason != said;
                said = verdict.Reason;
                if (isNews)
                    pending?.Invoke(said);
                if (options.Timeout - clock.GetElapsedTime(start) is var left && left <= TimeSpan.Zero)
                    break;
                late.CancelAfter(left);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            // What was said last is why.
        }
        stop.ThrowIfCancellationRequested();
        throw Late(options, said);
    }

    private static KlException Failed(WaitOptions options, string why) =>
        new(options.FailedId, KlErrorKind.Failed, options.Target, $"Waited for {options.What}: {why}", options.NextStep);

    private static KlException Late(WaitOptions options, string why) =>
        new(options.TimeoutId, KlErrorKind.Timeout, options.Target, $"Waited {options.Timeout.TotalSeconds:0} s for {options.What}: {why}", options.NextStep);

    /// <summary>One look, which may itself get no answer.</summary>
    private static async Task<(T? Value, Verdict Verdict)> ProbeAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, Verdict> judge, TimeSpan limit, TimeProvider clock, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var value = await read(either.Token);
            return (value, judge(value));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return (default, Verdict.Pending("no answer."));
        }
    }
}
