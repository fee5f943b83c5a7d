using Renci.SshNet;
using Renci.SshNet.Common;

namespace KubeLab.Engine.Remote;

/// <summary>An open SSH connection, and the port of another that it goes through.</summary>
internal sealed class SshLink : IDisposable
{
    // For everything between a connected socket and a login.
    private static readonly TimeSpan LoginLimit = TimeSpan.FromSeconds(30);

    // For a socket to connect and the other side to say that it speaks SSH.
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly Tunnel? _tunnel;
    private readonly CancellationTokenSource _closed = new();
    private bool _isDisposed;

    private SshLink(SshClient client, Tunnel? tunnel) => (Client, _tunnel, Closed) = (client, tunnel, _closed.Token);

    /// <summary>The connection.</summary>
    public SshClient Client { get; }

    /// <summary>Whether commands can be given to it, as far as is known.</summary>
    public bool IsOpen
    {
        get
        {
            try
            {
                // Closing takes its time; whoever asks meanwhile needs another.
                return !_isDisposed && Client.IsConnected;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Signalled when it is closed from this side, of which SSH.NET tells those who wait for a command nothing.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Connects and logs in.</summary>
    /// <param name="name">The machine's name, for errors.</param>
    /// <param name="endpoint">Where it is.</param>
    /// <param name="through">The connection of its jump host, or null.</param>
    /// <param name="clock">Time.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<SshLink> OpenAsync(string name, SshEndpoint endpoint, SshLink? through, TimeProvider clock, CancellationToken stop)
    {
        var known = await KnownHosts.OfAsync(endpoint, stop);
        var keys = await SshKeys.OfAsync(name, endpoint, stop);
        var tunnel = through is null ? null : new Tunnel(through.Client, endpoint.Host, endpoint.Port, _ => true);
        var (host, port) = tunnel is null ? (endpoint.Host, endpoint.Port) : ("127.0.0.1", tunnel.Port);
        var login = new ConnectionInfo(host, port, endpoint.User, [.. keys.Methods]) { Timeout = LoginLimit };
        known.Prefer(login.HostKeyAlgorithms);
        var link = new SshLink(new(login) { KeepAliveInterval = AskEvery }, tunnel);
        try
        {
            await link.ConnectAsync(key => known.Judge(name, endpoint, key), endpoint.ConnectTimeout ?? GreetingLimit, clock, stop);
            // From here the wait of a single call has no limit of its own that matters; WatchAsync tells a slow machine from one that is gone.
            login.Timeout = TimeSpan.FromDays(1);
            return link;
        }
        catch (SshAuthenticationException error) when (keys.PassedOver.Count > 0)
        {
            link.Dispose();
            throw new SshAuthenticationException($"{error.Message} Not tried: {string.Join("; ", keys.PassedOver)}", error);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>While the connection is used, asks now and then whether the machine still answers, and closes it if not: a cut cable says nothing.</summary>
    public async Task WatchAsync(Func<bool> isUsed, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(AskEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(Closed))
            {
                if (!isUsed())
                    continue;
                using var ask = Client.CreateCommand(":");
                await Blocking.RunAsync(ask.Execute).WaitAsync(AnswerLimit, clock, Closed);
            }
        }
        catch (Exception error) when (SshFailure.IsOfSsh(error) || error is OperationCanceledException)
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        _closed.Cancel();
        _closed.Dispose();
        // Saying goodbye to a machine that is gone may block.
        _ = Blocking.RunAsync(() =>
        {
            Client.Dispose();
            _tunnel?.Dispose();
        });
    }

    private async Task ConnectAsync(Func<byte[], Exception?> judge, TimeSpan greeting, TimeProvider clock, CancellationToken stop)
    {
        var distrust = new List<Exception>();
        Client.HostKeyReceived += (_, key) =>
        {
            if (judge(key.HostKey) is not { } why)
                return;
            key.CanTrust = false;
            distrust.Add(why);
        };
        using var limit = new CancellationTokenSource(greeting, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        Client.ServerIdentificationReceived += (_, _) => limit.CancelAfter(Timeout.InfiniteTimeSpan);
        try
        {
            // Once the socket is connected, key exchange and login block a thread of the pool.
            using var thread = PoolThread.Blocked();
            await Client.ConnectAsync(either.Token);
        }
        catch (SshException) when (distrust.Count > 0)
        {
            throw distrust[0];
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new SshOperationTimeoutException("It did not answer in time.", error);
        }
        stop.ThrowIfCancellationRequested();
    }
}
