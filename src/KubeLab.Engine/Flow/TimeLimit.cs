namespace KubeLab.Engine.Flow;

/// <summary>A cancellation token that is signaled when the time is over or the caller cancels.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    /// <summary>Creates a limit whose time starts now.</summary>
    public TimeLimit(TimeSpan time, TimeProvider clock, CancellationToken stop)
    {
        (_timer, Stop) = (new(time, clock), stop);
        _either = CancellationTokenSource.CreateLinkedTokenSource(stop, _timer.Token);
    }

    /// <summary>Creates a limit whose time starts with <see cref="Restart"/>.</summary>
    public TimeLimit(TimeProvider clock, CancellationToken stop)
        : this(Timeout.InfiniteTimeSpan, clock, stop)
    {
    }

    /// <summary>The caller's token.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Signaled when the time is over or the caller cancels.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time is over and the caller did not cancel.</summary>
    public bool IsExpired => _timer.IsCancellationRequested && !Stop.IsCancellationRequested;

    /// <summary>Starts the time again. <see cref="Timeout.InfiniteTimeSpan"/> removes the limit.</summary>
    public void Restart(TimeSpan time) => _timer.CancelAfter(time);

    /// <summary>Ends the time now.</summary>
    public Task EndAsync() => _timer.CancelAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
