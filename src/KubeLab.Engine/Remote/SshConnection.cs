namespace KubeLab.Engine.Remote;

/// <summary>The one connection to a machine, shared by all who run something there; opened when first needed and again when it was lost.</summary>
/// <param name="name">The machine's name, for errors.</param>
/// <param name="endpoint">Where it is.</param>
/// <param name="jump">The connection it goes through, or null.</param>
/// <param name="clock">Time.</param>
internal sealed class SshConnection(string name, SshEndpoint endpoint, SshConnection? jump, TimeProvider clock) : IAsyncDisposable
{
    // sshd's MaxSessions is 10: two stay free, for ending a command and for asking whether anyone is there.
    private const int Sessions = 8;

    private static readonly TimeSpan BootPause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
#pragma warning disable CA2213 // A command that ends when this has been disposed still gives its place back.
    private readonly SemaphoreSlim _sessions = new(Sessions);
#pragma warning restore CA2213
    private Attempt? _attempt;
    private bool _closed;

    /// <summary>Where it is.</summary>
    public SshEndpoint Endpoint => endpoint;

    /// <summary>Runs a command; one that was lost before it began is given to a new connection, once.</summary>
    /// <exception cref="KlException">See <see cref="IHost.RunAsync"/>.</exception>
    public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop)
    {
        var sudo = command.AsRoot && endpoint.User != "root";
        await _sessions.WaitAsync(stop);
        try
        {
            using var running = await StartAsync(command, sudo, stop);
            return await running.FinishAsync(error => SshFailure.Lost(name, command, error),
                (end, said, bySudo) => NotStarted.Error(name, endpoint.User, command, end, said, bySudo), stop);
        }
        finally
        {
            _sessions.Release();
        }
    }

    /// <summary>The connection, opened if it is not; those who ask while it is being opened share the attempt.</summary>
    /// <exception cref="KlException">HostUnreachable, ConnectionRefused, AuthenticationFailed, HostKeyChanged, HostKeyUnknown.</exception>
    public async Task<SshLink> OpenAsync(CancellationToken stop)
    {
        Attempt attempt;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_attempt is null or { IsOver: true })
            {
                _attempt?.Dispose();
                _attempt = new(ConnectAsync);
            }
            attempt = _attempt;
            attempt.Waiting++;
        }
        try
        {
            return await attempt.Link.WaitAsync(stop);
        }
        finally
        {
            lock (_gate)
                if (--attempt.Waiting == 0 && !attempt.Link.IsCompleted)
                    attempt.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            _attempt?.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private async Task<RunningCommand> StartAsync(HostCommand command, bool sudo, CancellationToken stop)
    {
        for (var again = false; ; again = true)
        {
            var link = await OpenAsync(stop);
            try
            {
                return await RunningCommand.StartAsync(link, command, sudo, clock, stop);
            }
            catch (Exception error) when (SshFailure.IsOfSsh(error))
            {
                // A machine that refuses one more session on a connection that lives would refuse it again.
                if (again || (link.IsOpen && error is not TimeoutException))
                    throw SshFailure.Connecting(name, endpoint, error);
                link.Dispose();
            }
        }
    }

    private async Task<SshLink> ConnectAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await TryConnectAsync(stop);
            }
            // A machine that boots has no sshd for a while, and then one whose login is yet to be made.
            catch (KlException error) when (error.ErrorId is ErrorIds.HostUnreachable or ErrorIds.ConnectionRefused or ErrorIds.AuthenticationFailed && clock.GetUtcNow() < endpoint.BootsUntil)
            {
                await Task.Delay(BootPause, clock, stop);
            }
        }
    }

    private async Task<SshLink> TryConnectAsync(CancellationToken stop)
    {
        try
        {
            var through = jump is null ? null : await jump.OpenAsync(stop);
            var link = await SshLink.OpenAsync(name, endpoint, through, clock, stop);
            _ = link.WatchAsync(() => _sessions.CurrentCount < Sessions, clock);
            return link;
        }
        catch (Exception error) when (SshFailure.IsOfSsh(error))
        {
            throw SshFailure.Connecting(name, endpoint, error);
        }
    }

    /// <summary>One try to connect, and what came of it. It goes on while anyone waits for it.</summary>
    private sealed class Attempt : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Attempt(Func<CancellationToken, Task<SshLink>> connect)
        {
            var stop = _stop.Token;
            Link = Task.Run(() => connect(stop));
        }

        public Task<SshLink> Link { get; }

        public int Waiting { get; set; }

        public bool IsOver => _stop.IsCancellationRequested || (Link.IsCompleted && !(Link.IsCompletedSuccessfully && Link.Result.IsOpen));

        public void Dispose()
        {
            if (_stop.IsCancellationRequested)
                return;
            _stop.Cancel();
            _stop.Dispose();
            Link.ContinueWith(done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }
}
