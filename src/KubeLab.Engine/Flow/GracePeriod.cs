namespace KubeLab.Engine.Flow;

/// <summary>A cancellation token that is signaled some time after the caller cancels, so that work can be completed.</summary>
internal sealed class GracePeriod : IAsyncDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenRegistration _start;

    /// <summary>Creates a grace period that starts when <paramref name="stop"/> is signaled.</summary>
    public GracePeriod(TimeSpan time, TimeProvider clock, CancellationToken stop)
    {
        _timer = new(Timeout.InfiniteTimeSpan, clock);
        _start = stop.UnsafeRegister(_ => _timer.CancelAfter(time), null);
    }

    /// <summary>Signaled when the grace period is over.</summary>
    public CancellationToken Token => _timer.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Waits for a registration that is running.
        await _start.DisposeAsync();
        _timer.Dispose();
    }
}
