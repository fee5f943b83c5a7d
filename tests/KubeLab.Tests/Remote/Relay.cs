using System.Net;
using System.Net.Sockets;

namespace KubeLab.Tests.Remote;

/// <summary>Forwards connections to another loopback port. After a cut, existing connections carry no data and are not closed.</summary>
public sealed class Relay : IDisposable
{
    private readonly TcpListener _listener;
    private CancellationTokenSource _cut = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _to;
    private readonly long _limit;
    private long _sent;
    private int _passing;
    private TaskCompletionSource? _held;

    /// <param name="to">The target port.</param>
    /// <param name="port">The port to listen on, or 0 for any free port.</param>
    /// <param name="limit">The number of bytes of a client after which the connection is closed.</param>
    public Relay(int to, int port = 0, long limit = long.MaxValue)
    {
        (_to, _limit) = (to, limit);
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of bytes from clients.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Holds what the server sends until <see cref="Release"/>, but not its next packets.</summary>
    public void Hold(int passing)
    {
        _passing = passing;
        Volatile.Write(ref _held, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public void Release() => Interlocked.Exchange(ref _held, null)!.SetResult();

    public void Cut()
    {
        using var cut = Interlocked.Exchange(ref _cut, new());
        cut.Cancel();
    }

    public void Dispose()
    {
        _cut.Cancel();
        _listener.Dispose();
        lock (_ends)
            _ends.ForEach(end => end.Dispose());
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var from = await _listener.AcceptTcpClientAsync();
            var to = new TcpClient("127.0.0.1", _to);
            lock (_ends)
                _ends.AddRange([from, to]);
            var cut = _cut.Token;
            _ = CarryAsync(from, to, _limit, read =>
            {
                Interlocked.Add(ref _sent, read);
                return Task.CompletedTask;
            }, cut);
            _ = CarryAsync(to, from, long.MaxValue,
                _ => Volatile.Read(ref _held) is { } held && Interlocked.Decrement(ref _passing) < 0 ? held.Task : Task.CompletedTask, cut);
        }
    }

    private static async Task CarryAsync(TcpClient from, TcpClient to, long limit, Func<int, Task> received, CancellationToken cut)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await from.GetStream().ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit)), cut)) > 0; limit -= read)
        {
            await received(read);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), cut);
        }
        to.Client.Shutdown(SocketShutdown.Send);
        if (limit == 0)
            from.Dispose();
    }
}
