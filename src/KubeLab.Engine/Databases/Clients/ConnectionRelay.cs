using System.Net;
using System.Net.Sockets;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Forwards one connection to an address, and closes every other connection without a byte.</summary>
internal sealed class ConnectionRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _target = new() { NoDelay = true };
    private TcpClient? _source;

    public ConnectionRelay(IPEndPoint target)
    {
        _listener.Start();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _ = RunAsync(target);
    }

    /// <summary>Where the relay listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Closes the connection on both sides.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        _source?.Dispose();
        _target.Dispose();
    }

    private async Task RunAsync(IPEndPoint target)
    {
        try
        {
            _source = await _listener.AcceptTcpClientAsync();
            _source.NoDelay = true;
            _ = ForwardAsync(_source, target);
            while (true)
                (await _listener.AcceptTcpClientAsync()).Dispose();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Dispose();
        }
    }

    private async Task ForwardAsync(TcpClient source, IPEndPoint target)
    {
        try
        {
            await _target.ConnectAsync(target);
            var (one, other) = (source.GetStream(), _target.GetStream());
            await await Task.WhenAny(one.CopyToAsync(other), other.CopyToAsync(one));
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has closed the connection.
        }
        finally
        {
            Dispose();
        }
    }
}
