using Renci.SshNet;

namespace KubeLab.Engine.Remote;

/// <summary>A port of this computer's loopback that leads to a port as a machine reaches it.</summary>
internal sealed class Tunnel : IDisposable
{
    private readonly SshClient _client;
    private readonly ForwardedPortLocal _port;

    // SSH.NET carries a forwarded connection on a thread of the pool for as long as it lasts.
    private readonly PoolThread _thread;

    /// <param name="client">The machine's connection.</param>
    /// <param name="host">Name or address, as seen from the machine.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="admit">Whether the process that holds this local port may come in.</param>
    public Tunnel(SshClient client, string host, int port, Func<int, bool> admit)
    {
        _client = client;
        _port = new ForwardedPortLocal("127.0.0.1", 0, host, (uint)port);
        // What the event throws closes the one connection it tells of.
        _port.RequestReceived += (_, request) =>
        {
            if (!admit((int)request.OriginatorPort))
                throw new UnauthorizedAccessException($"Port {request.OriginatorPort} of this computer is not ours.");
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
