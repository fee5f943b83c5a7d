using System.Net;
using System.Net.Sockets;

namespace KubeLab.Tests.Remote;

/// <summary>Passes connections on to another port of the loopback, until its cable is cut: then nothing comes through and nobody is told.</summary>
public sealed class Relay : IDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _cut = new();
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

    public void Cut() => _cut.Cancel();

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
            _ = CarryAsync(from, to);
            _ = CarryAsync(to, from);
        }
    }

    private async Task CarryAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), _cut.Token);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
