namespace KubeLab.Engine.Remote;

/// <summary>The shared connection to a machine. It is opened on first use and reopened after it was lost.</summary>
/// <param name="name">The machine's name, for errors.</param>
/// <param name="endpoint">How to reach the machine.</param>
/// <param name="jump">The connection of the jump host, or null.</param>
/// <param name="clock">The clock.</param>
internal sealed class SshConnection(string name, SshEndpoint endpoint, SshConnection? jump, TimeProvider clock) : IAsyncDisposable
{
    // sshd's MaxSessions is 10. Two stay free: for terminating a command and for the keep-alive check.
    private const int Sessions = 8;

    private static readonly TimeSpan BootPause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
#pragma warning disable CA2213 // A command that ends after the disposal still releases it.
    private readonly SemaphoreSlim _sessions = new(Sessions);
#pragma warning restore CA2213
    private Attempt? _attempt;
    private bool _closed;

    /// <summary>How to reach the machine.</summary>
    public SshEndpoint Endpoint => endpoint;

    /// <summary>Runs a command. If the connection was lost before the command started, retries once on a new connection.</summary>
    /// <exception cref="KlException">See <see cref="IHost.RunAsync"/>.</exception>
    public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop)
    {
        var sudo = command.AsRoot && endpoint.User != "root";
        await _sessions.WaitAsync(stop);
        try
        {
            using var running = await StartAsync(command, sudo, stop);
            return await running.FinishAsync(error => SshFailure.ConnectionLost(name, command, error),
                (end, output, bySudo) => NotStarted.Error(name, endpoint.User, command, end, output, bySudo), stop);
        }
        finally
        {
            _sessions.Release();
        }
    }

    /// <summary>Returns the connection and opens it if necessary. Concurrent callers share one attempt.</summary>
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

    /// <summary>Closes the connection if at most one command uses it. The next command opens a new one.</summary>
    public void Drop()
    {
        lock (_gate)
            if (_sessions.CurrentCount >= Sessions - 1)
                _attempt?.Dispose();
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
            catch (Exception error) when (SshFailure.IsSshError(error))
            {
                // If the connection is alive and the machine refused another session, a retry would be refused too.
                if (again || (link.IsOpen && error is not TimeoutException))
                    throw SshFailure.ConnectError(name, endpoint, error);
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
            // A booting machine starts sshd late, and creates the user after that.
            catch (KlException error) when (
                error.ErrorId is ErrorIds.HostUnreachable or ErrorIds.ConnectionRefused or ErrorIds.AuthenticationFailed
                && clock.GetUtcNow() < endpoint.BootsUntil)
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
        catch (Exception error) when (SshFailure.IsSshError(error))
        {
            throw SshFailure.ConnectError(name, endpoint, error);
        }
    }

    /// <summary>An attempt to connect and its result. It continues as long as a caller waits for it.</summary>
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
            Link.ContinueWith(
                done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }
}
