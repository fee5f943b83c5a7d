namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>One look for all who want to see the same: each gets what was read after it asked, and two reads are an interval apart.</summary>
/// <param name="read">Reads. It has a time limit of its own, for no single caller may end what others wait for.</param>
/// <param name="interval">From the beginning of a read to the beginning of the next, at least; whoever takes longer to answer is left in peace for as long.</param>
/// <param name="clock">Time.</param>
internal sealed class CoalescedRead<T>(Func<Task<T>> read, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _turn = new();
    private Task _last = Task.CompletedTask;
    private Task<T>? _next;
    private long? _began;
    private TimeSpan _took;

    /// <summary>What is read from now on.</summary>
    public Task<T> ReadAsync(CancellationToken stop)
    {
        lock (_turn)
            return (_next ??= NextAsync(_last)).WaitAsync(stop);
    }

    private async Task<T> NextAsync(Task last)
    {
        // Never within the lock of the one who asks.
        await Task.Yield();
        await last.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (_began is { } began && (interval > 2 * _took ? interval : 2 * _took) - clock.GetElapsedTime(began) is { Ticks: > 0 } early)
            await Task.Delay(early, clock);
        lock (_turn)
        {
            (_last, _next) = (_next!, null);
            _began = clock.GetTimestamp();
        }
        try
        {
            return await read();
        }
        finally
        {
            _took = clock.GetElapsedTime(_began.Value);
        }
    }
}
