namespace KubeLab.Engine.Reliability.Load;

/// <summary>Sends requests at their appointed times, whatever the responses do (open model).</summary>
/// <remarks>A generator that waits for a response before it sends the next request measures less the worse a service is. That error is called
/// coordinated omission.</remarks>
/// <param name="endpoints">The endpoints, which get the requests in turn.</param>
/// <param name="options">The rate and the limits.</param>
/// <param name="completed">Gets each request when its result is known, from any thread.</param>
/// <param name="clock">The clock.</param>
/// <param name="wait">Waits for at most the given time.</param>
internal sealed class OpenLoad(IReadOnlyList<LoadEndpoint> endpoints, LoadOptions options, Action<Sample> completed, TimeProvider clock, Action<TimeSpan> wait)
{
    // How soon a changed end and Ctrl+C are noticed.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource _allCompleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start = clock.GetTimestamp();
    private long _end = long.MaxValue;
    private int _running = 1; // the sender itself

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_start);

    /// <summary>The requests that wait for a response.</summary>
    public int InFlight => Volatile.Read(ref _running) - 1;

    /// <summary>Sends no request that is due at or after this time.</summary>
    public void EndAt(TimeSpan end) => Volatile.Write(ref _end, end.Ticks);

    /// <summary>Sends one request. Does not throw.</summary>
    public static async Task<ProbeResult> ProbeAsync(LoadEndpoint endpoint, TimeSpan limit, TimeProvider clock, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var stopping = stop.UnsafeRegister(static timeout => ((CancellationTokenSource)timeout!).Cancel(), timeout);
        try
        {
            // WaitAsync: a probe can ignore its cancellation.
            return await endpoint.Probe(timeout.Token).WaitAsync(timeout.Token);
        }
        // Whatever the probe throws is the reason of the failure.
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new(FailureReason.Of(error));
        }
    }

    /// <summary>Sends requests on a thread of its own, until the end, and waits for the responses.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var sender = new Thread(() => Guard(() => Send(stop))) { IsBackground = true, Name = "KubeLab load", Priority = ThreadPriority.AboveNormal };
        sender.Start();
        await _allCompleted.Task;
        stop.ThrowIfCancellationRequested();
    }

    private void Send(CancellationToken stop)
    {
        for (long index = 0; !stop.IsCancellationRequested;)
        {
            var (due, end) = (options.DueAt(index), TimeSpan.FromTicks(Volatile.Read(ref _end)));
            var early = (due < end ? due : end) - Elapsed;
            if (early > TimeSpan.Zero)
                wait(early < MaxWait ? early : MaxWait);
            else if (due < end)
                SendOrSkip(index++, due, late: -early, stop);
            else
                break;
        }
        Leave();
    }

    private void SendOrSkip(long index, TimeSpan due, TimeSpan late, CancellationToken stop)
    {
        var endpoint = (int)(index % endpoints.Count);
        // After a suspension of this computer, all requests that were missed would be sent at once.
        if (InFlight >= options.Limit || late >= options.Timeout)
        {
            completed(new(index, due, endpoint, TimeSpan.Zero, new(FailureReason.NotSent)));
            return;
        }
        Interlocked.Increment(ref _running);
        _ = SendAsync(index, due, endpoint, stop);
    }

    private async Task SendAsync(long index, TimeSpan due, int endpoint, CancellationToken stop)
    {
        var result = await ProbeAsync(endpoints[endpoint], options.Timeout, clock, stop);
        if (!stop.IsCancellationRequested)
            Guard(() => completed(new(index, due, endpoint, Elapsed - due, result)));
        Leave();
    }

    // An unhandled exception on a thread would terminate the PowerShell process.
    private void Guard(Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            _allCompleted.TrySetException(error);
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
            _allCompleted.TrySetResult();
    }
}
