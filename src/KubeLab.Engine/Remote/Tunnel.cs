using Renci.SshNet;

namespace KubeLab.Engine.Remote;

/// <summary>A local loopback port that is forwarded to a port that the machine can reach.</summary>
internal sealed class Tunnel : IDisposable
{
    private readonly SshClient _client;
    private readonly ForwardedPortLocal _port;

    // SSH.NET blocks a pool thread for each forwarded connection.
    private readonly PoolThread _thread;

    /// <param name="client">The machine's connection.</param>
    /// <param name="host">The name or address, as seen from the machine.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="admit">Whether to accept a connection from this local port.</param>
    public Tunnel(SshClient client, string host, int port, Func<int, bool> admit)
    {
        _client = client;
        _port = new ForwardedPortLocal("127.0.0.1", 0, host, (uint)port);
        // An exception closes the connection.
        _port.RequestReceived += (_, request) =>
        {
            if (!admit((int)request.OriginatorPort))
                throw new UnauthorizedAccessException($"Local port {request.OriginatorPort} does not belong to this connection.");
        };
        client.AddForwardedPort(_port);
        _port.Start();
        _thread = PoolThread.Blocked();
    }

    /// <summary>The local port.</summary>
    public int Port => (int)_port.BoundPort;

    /// <inheritdoc/>
    public void Dispose()
    {
        _port.Dispose();
        _client.RemoveForwardedPort(_port);
        _thread.Dispose();
    }
}
