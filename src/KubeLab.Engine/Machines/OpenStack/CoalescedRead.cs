namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Shares one read among all callers. Each caller gets data that was read after its call, and reads start at least an interval apart.</summary>
/// <param name="read">Reads the data. It needs its own timeout, because a single caller must not cancel the read of the others.</param>
/// <param name="interval">The minimum time between the starts of two reads. Slow reads increase it, to at least twice their duration.</param>
/// <param name="clock">The clock.</param>
internal sealed class CoalescedRead<T>(Func<Task<T>> read, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;
    private Task<T>? _next;
    private long? _started;
    private TimeSpan _duration;

    /// <summary>Starts or joins the next read.</summary>
    public Task<T> ReadAsync(CancellationToken stop)
    {
        lock (_lock)
            return (_next ??= NextAsync(_last)).WaitAsync(stop);
    }

    private async Task<T> NextAsync(Task last)
    {
        // Do not run within the caller's lock.
        await Task.Yield();
        await last.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (_started is { } started && (interval > 2 * _duration ? interval : 2 * _duration) - clock.GetElapsedTime(started) is { Ticks: > 0 } remaining)
            await Task.Delay(remaining, clock);
        lock (_lock)
        {
            (_last, _next) = (_next!, null);
            _started = clock.GetTimestamp();
        }
        try
        {
            return await read();
        }
        finally
        {
            _duration = clock.GetElapsedTime(_started.Value);
        }
    }
}
