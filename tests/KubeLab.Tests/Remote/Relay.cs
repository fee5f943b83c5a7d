using System.Net;
using System.Net.Sockets;

namespace KubeLab.Tests.Remote;

/// <summary>Passes connections on to another port of the loopback, until its cable is cut: then nothing comes through on those it has, and nobody is told.</summary>
public sealed class Relay : IDisposable
{
    private readonly TcpListener _listener;
    private CancellationTokenSource _cut = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _to;

    public Relay(int to, int port = 0)
    {
        _to = to;
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

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
            _ = CarryAsync(from, to, cut);
            _ = CarryAsync(to, from, cut);
        }
    }

    private static async Task CarryAsync(TcpClient from, TcpClient to, CancellationToken cut)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), cut);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
