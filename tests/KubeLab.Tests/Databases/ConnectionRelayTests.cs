using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Databases.Clients;

namespace KubeLab.Tests.Databases;

public sealed class ConnectionRelayTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public ConnectionRelayTests() => _server.Start();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task One_connection_is_forwarded_in_both_directions_and_every_other_is_closed()
    {
        using var relay = new ConnectionRelay((IPEndPoint)_server.LocalEndpoint);
        using var client = await ConnectAsync(relay);
        using var server = await _server.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync(new byte[] { 1 });
        Assert.Equal(1, await ReadAsync(server));
        await server.GetStream().WriteAsync(new byte[] { 2 });
        Assert.Equal(2, await ReadAsync(client));

        using var second = await ConnectAsync(relay);
        Assert.Equal(-1, await ReadAsync(second));
        Assert.False(_server.Pending());
    }

    [Fact]
    public async Task The_end_of_a_side_closes_the_other()
    {
        using var relay = new ConnectionRelay((IPEndPoint)_server.LocalEndpoint);
        using var client = await ConnectAsync(relay);
        using (await _server.AcceptTcpClientAsync())
        {
        }
        Assert.Equal(-1, await ReadAsync(client));
    }

    private static async Task<TcpClient> ConnectAsync(ConnectionRelay relay)
    {
        var client = new TcpClient();
        await client.ConnectAsync(relay.Address);
        return client;
    }

    // The next byte, or -1 at the end of the connection.
    private static async Task<int> ReadAsync(TcpClient client)
    {
        var buffer = new byte[1];
        try
        {
            return await client.GetStream().ReadAsync(buffer) == 0 ? -1 : buffer[0];
        }
        catch (IOException)
        {
            return -1;
        }
    }
}
