using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace KubeLab.Engine.Images;

/// <summary>A port on 127.0.0.1 that leads to a registry. The engine of this computer accepts a registry there without a trusted certificate.</summary>
internal sealed class RegistryPort : IAsyncDisposable
{
    // Below the ports of outgoing connections (IANA, Linux) and of NodePort services.
    private const int First = 10_000;
    private const int Count = 20_000;
    private const int Attempts = 8;

    private readonly TcpListener _listener;
    private readonly Func<CancellationToken, Task<Stream>> _dial;
    private readonly Action<long> _sent;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private long _bytes;
    private volatile bool _hasAnswered;

    private RegistryPort(TcpListener listener, Func<CancellationToken, Task<Stream>> dial, Action<long> sent)
    {
        (_listener, _dial, _sent, Address) = (listener, dial, sent, listener.LocalEndpoint.ToString()!);
        _accepting = AcceptAsync();
    }

    /// <summary>The host and port.</summary>
    public string Address { get; }

    /// <summary>The number of bytes that were sent to the registry.</summary>
    public long Sent => Interlocked.Read(ref _bytes);

    /// <summary>Whether a connection has received data from the registry.</summary>
    public bool HasAnswered => _hasAnswered;

    /// <summary>Opens a port. A registry has the same port each time, if it is free, because an engine mounts layers only from repositories of the same
    /// host and port, and tries the digests first that it has pushed there (moby distribution/push_v2.go).</summary>
    /// <param name="identity">The identity of the registry.</param>
    /// <param name="dial">Connects to the registry.</param>
    /// <param name="sent">Receives the number of bytes that were sent to the registry.</param>
    public static RegistryPort Open(string identity, Func<CancellationToken, Task<Stream>> dial, Action<long> sent)
    {
        var preferred = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        for (var attempt = 0u; ; attempt++)
        {
            var listener = new TcpListener(IPAddress.Loopback, attempt == Attempts ? 0 : First + (int)((preferred + attempt) % Count));
            try
            {
                listener.Start();
                return new(listener, dial, sent);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                listener.Dispose();
            }
        }
    }

    /// <summary>Closes the port and its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _accepting;
        await Task.WhenAll(_connections);
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ForwardAsync(await _listener.AcceptSocketAsync(_closed.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            // The engine must not wait for a port that accepts no more connections.
            _listener.Dispose();
        }
    }

    private async Task ForwardAsync(Socket socket)
    {
        await using var engine = new NetworkStream(socket, ownsSocket: true);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        try
        {
            socket.NoDelay = true;
            await using var registry = await _dial(ended.Token);
            await Task.WhenAll(
                CopyAsync(engine, registry, count => _sent(Interlocked.Add(ref _bytes, count)), ended),
                CopyAsync(registry, engine, _ => _hasAnswered = true, ended));
        }
        // The engine sees a closed connection. The registry's own client reports the cause.
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or KlException)
        {
        }
    }

    // When one direction ends, the other one has nothing to add.
    private static async Task CopyAsync(Stream from, Stream to, Action<int> passing, CancellationTokenSource ended)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, ended.Token) is > 0 and var count)
            {
                // First, because the engine can end when it has the answer.
                passing(count);
                await to.WriteAsync(buffer.AsMemory(0, count), ended.Token);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }
    }
}
