namespace KubeLab.Engine.Flow;

/// <summary>The result of one check while waiting.</summary>
/// <param name="State">Ready ends the wait, Failed ends it with an error, Pending continues it.</param>
/// <param name="Reason">Why it is pending or failed. Shown while waiting and in the error.</param>
public sealed record Verdict(VerdictState State, string Reason)
{
    /// <summary>The condition is met.</summary>
    public static Verdict Ready { get; } = new(VerdictState.Ready, "");

    /// <summary>The condition is not met yet, because of <paramref name="reason"/>.</summary>
    public static Verdict Pending(string reason) => new(VerdictState.Pending, reason);

    /// <summary>The condition cannot be met, because of <paramref name="reason"/>.</summary>
    public static Verdict Failed(string reason) => new(VerdictState.Failed, reason);
}

/// <summary>The possible results of a check.</summary>
public enum VerdictState
{
    /// <summary>The condition is not met yet.</summary>
    Pending,

    /// <summary>The condition is met.</summary>
    Ready,

    /// <summary>The condition cannot be met.</summary>
    Failed,
}

/// <summary>The options of a wait.</summary>
/// <param name="Target">The name of the object; the target of the error.</param>
/// <param name="What">The condition, such as "kubernetes-1 to accept SSH".</param>
/// <param name="Timeout">The maximum time.</param>
/// <param name="Interval">The time between two checks. Not used by a watch.</param>
public sealed record WaitOptions(string Target, string What, TimeSpan Timeout, TimeSpan Interval = default)
{
    /// <summary>The ErrorId if the condition cannot be met.</summary>
    public string FailedId { get; init; } = ErrorIds.WaitFailed;

    /// <summary>The ErrorId of a timeout.</summary>
    public string TimeoutId { get; init; } = ErrorIds.WaitTimeout;

    /// <summary>What the user can do if the wait fails.</summary>
    public string? NextStep { get; init; }
}

/// <summary>Waits for a condition. A failure ends the wait early, and a timeout reports what was missing.</summary>
public static class Wait
{
    /// <summary>Reads until <paramref name="judge"/> returns Ready or Failed, or until the timeout.</summary>
    /// <returns>The value that was judged Ready.</returns>
    /// <exception cref="KlException">The condition cannot be met, or the timeout expired (<see cref="KlErrorKind.Timeout"/>).</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled.</exception>
    public static async Task<T> UntilAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, Verdict> judge, WaitOptions options,
        TimeProvider clock, CancellationToken stop, Action<string>? pending = null)
    {
        var (value, verdict) = await TryUntilAsync(read, judge, options, clock, stop, pending);
        return verdict.State switch
        {
            VerdictState.Ready => value!,
            VerdictState.Failed => throw Failed(options, verdict.Reason),
            _ => throw TimedOut(options, verdict.Reason),
        };
    }

    /// <summary>Like <see cref="UntilAsync{T}"/>, but returns the last value and its verdict also if it is Failed, or Pending after the timeout.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled.</exception>
    public static async Task<(T? Value, Verdict Verdict)> TryUntilAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, Verdict> judge, WaitOptions options,
        TimeProvider clock, CancellationToken stop, Action<string>? pending = null)
    {
        var start = clock.GetTimestamp();
        for (var lastReason = ""; ;)
        {
            var left = options.Timeout - clock.GetElapsedTime(start);
            var (value, verdict) = await ProbeAsync(read, judge, left > options.Interval ? left : options.Interval, clock, stop);
            if (verdict.State != VerdictState.Pending || clock.GetElapsedTime(start) >= options.Timeout)
                return (value, verdict);
            if (verdict.Reason != lastReason)
                pending?.Invoke(lastReason = verdict.Reason);
            await Task.Delay(options.Interval, clock, stop);
        }
    }

    /// <summary>Watches until <paramref name="judge"/> returns Ready or Failed, or until the timeout. The first value is always checked.</summary>
    /// <returns>What was judged Ready.</returns>
    /// <exception cref="KlException">The condition cannot be met, or the timeout expired (<see cref="KlErrorKind.Timeout"/>).</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled.</exception>
    public static async Task<T> ForAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> watch, Func<T, Verdict> judge, WaitOptions options,
        TimeProvider clock, CancellationToken stop, Action<string>? pending = null)
    {
        var (start, lastReason) = (clock.GetTimestamp(), "");
        using var timeout = new TimeLimit(clock, stop);
        try
        {
            await foreach (var seen in watch(timeout.Token))
            {
                var verdict = judge(seen);
                if (verdict.State == VerdictState.Ready)
                    return seen;
                if (verdict.State == VerdictState.Failed)
                    throw Failed(options, verdict.Reason);
                var isNew = verdict.Reason != lastReason;
                lastReason = verdict.Reason;
                if (isNew)
                    pending?.Invoke(lastReason);
                if (options.Timeout - clock.GetElapsedTime(start) is var left && left <= TimeSpan.Zero)
                    break;
                timeout.Restart(left);
            }
        }
        catch (OperationCanceledException) when (timeout.IsExpired)
        {
            // The last reason is reported below.
        }
        stop.ThrowIfCancellationRequested();
        throw TimedOut(options, lastReason);
    }

    private static KlException Failed(WaitOptions options, string why) =>
        new(options.FailedId, KlErrorKind.Failed, options.Target, $"Waited for {options.What}: {why}", options.NextStep);

    private static KlException TimedOut(WaitOptions options, string why) =>
        new(options.TimeoutId, KlErrorKind.Timeout, options.Target, $"Waited {options.Timeout.TotalSeconds:0} s for {options.What}: {why}", options.NextStep);

    /// <summary>One check, which may itself time out.</summary>
    private static async Task<(T? Value, Verdict Verdict)> ProbeAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, Verdict> judge, TimeSpan limit, TimeProvider clock, CancellationToken stop)
    {
        using var timeout = new TimeLimit(limit, clock, stop);
        try
        {
            var value = await read(timeout.Token);
            return (value, judge(value));
        }
        catch (OperationCanceledException) when (timeout.IsExpired)
        {
            return (default, Verdict.Pending("no response."));
        }
    }
}
