using KubeLab.Engine.Flow;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace KubeLab.Engine.Remote;

/// <summary>An open SSH connection and its tunnel through the jump host.</summary>
internal sealed class SshLink : IDisposable
{
    // From the connected socket to the completed login.
    private static readonly TimeSpan LoginTimeout = TimeSpan.FromSeconds(30);

    // Until the socket is connected and the server has sent its SSH identification.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);

    private const int MaxBannerLength = 2000;

    private readonly Tunnel? _tunnel;
    private readonly CancellationTokenSource _closed = new();
    private bool _isDisposed;

    private SshLink(SshClient client, Tunnel? tunnel) => (Client, _tunnel, Closed) = (client, tunnel, _closed.Token);

    /// <summary>The connection.</summary>
    public SshClient Client { get; }

    /// <summary>Whether the connection accepts commands, as far as is known.</summary>
    public bool IsOpen
    {
        get
        {
            try
            {
                // A connection that is being closed does not count as open.
                return !_isDisposed && Client.IsConnected;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Signaled when this side closes the connection. SSH.NET does not tell pending commands about that.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Connects and logs in.</summary>
    /// <param name="name">The machine's name, for errors.</param>
    /// <param name="endpoint">How to reach the machine.</param>
    /// <param name="through">The connection of the jump host, or null.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">Cancels the operation.</param>
    public static async Task<SshLink> OpenAsync(string name, SshEndpoint endpoint, SshLink? through, TimeProvider clock, CancellationToken stop)
    {
        var known = await KnownHosts.ReadAsync(endpoint, stop);
        var keys = await SshKeys.ReadAsync(name, endpoint, stop);
        var tunnel = through is null ? null : new Tunnel(through.Client, endpoint.Host, endpoint.Port, _ => true);
        var (host, port) = tunnel is null ? (endpoint.Host, endpoint.Port) : ("127.0.0.1", tunnel.Port);
        var login = new ConnectionInfo(host, port, endpoint.User, [.. keys.Methods]) { Timeout = LoginTimeout };
        known.Prefer(login.HostKeyAlgorithms);
        var banner = "";
        login.AuthenticationBanner += (_, shown) => banner = shown.BannerMessage.Trim();
        var link = new SshLink(new(login) { KeepAliveInterval = KeepAliveInterval }, tunnel);
        try
        {
            await link.ConnectAsync(key => known.Check(name, endpoint, key), endpoint.ConnectTimeout ?? ConnectTimeout, clock, stop);
            // From here on, single calls do not time out. WatchAsync detects a machine that no longer responds.
            login.Timeout = TimeSpan.FromDays(1);
            return link;
        }
        catch (SshAuthenticationException error)
        {
            link.Dispose();
            var skipped = keys.Skipped.Count == 0 ? "" : $" Not tried: {string.Join("; ", keys.Skipped)}";
            throw new SshAuthenticationException(error.Message + skipped + Quote(banner), error);
        }
        catch (SshConnectionException error) when (banner.Length > 0)
        {
            // For example, PAM rejects the account of a user after the key was accepted.
            link.Dispose();
            throw new SshConnectionException(error.Message + Quote(banner), error.DisconnectReason, error);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>While the connection is in use, checks regularly whether the machine responds, and closes the connection if not.</summary>
    public async Task WatchAsync(Func<bool> isUsed, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(KeepAliveInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(Closed))
            {
                if (!isUsed())
                    continue;
                using var ask = Client.CreateCommand(":");
                await Blocking.RunAsync(ask.Execute).WaitAsync(ResponseTimeout, clock, Closed);
            }
        }
        catch (Exception error) when (SshFailure.IsSshError(error) || error is OperationCanceledException)
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
        // Disconnecting from a machine that does not respond may block.
        _ = Blocking.RunAsync(() =>
        {
            Client.Dispose();
            _tunnel?.Dispose();
        });
    }

    private static string Quote(string banner) => banner.Length == 0 ? "" : $" The server's message: {banner[..Math.Min(banner.Length, MaxBannerLength)]}";

    private async Task ConnectAsync(Func<byte[], Exception?> judge, TimeSpan connectTimeout, TimeProvider clock, CancellationToken stop)
    {
        var rejections = new List<Exception>();
        Client.HostKeyReceived += (_, key) =>
        {
            if (judge(key.HostKey) is not { } why)
                return;
            key.CanTrust = false;
            rejections.Add(why);
        };
        using var timeout = new TimeLimit(connectTimeout, clock, stop);
        Client.ServerIdentificationReceived += (_, _) => timeout.Restart(Timeout.InfiniteTimeSpan);
        try
        {
            // Key exchange and login block a pool thread.
            using var thread = PoolThread.Blocked();
            await Client.ConnectAsync(timeout.Token);
        }
        catch (SshException) when (rejections.Count > 0)
        {
            throw rejections[0];
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new SshOperationTimeoutException("No response before the timeout.", error);
        }
        stop.ThrowIfCancellationRequested();
    }
}
