using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

public sealed class RegistryPortTests
{
    private readonly string _identity = $"{Guid.NewGuid()}";

    [Fact]
    public async Task A_registry_has_the_same_port_each_time_and_another_one_while_it_is_in_use()
    {
        string address;
        await using (var first = Open(Unreachable))
        {
            address = first.Address;
            await using var second = Open(Unreachable);
            Assert.NotEqual(address, second.Address);
        }
        await using var again = Open(Unreachable);
        Assert.Equal(address, again.Address);
    }

    [Fact]
    public async Task Data_is_forwarded_in_both_directions_until_the_registry_closes()
    {
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        await using var port = Open(stop => Dial.TcpAsync("127.0.0.1", ((IPEndPoint)registry.LocalEndpoint).Port, stop));
        await using var engine = await ConnectAsync(port);
        using var accepted = await registry.AcceptTcpClientAsync();
        Assert.False(port.HasAnswered);
        await engine.WriteAsync(new byte[] { 1, 2, 3 });
        var bytes = new byte[3];
        await accepted.GetStream().ReadExactlyAsync(bytes);
        Assert.Equal([1, 2, 3], bytes);
        await accepted.GetStream().WriteAsync(new byte[] { 4 });
        accepted.Close();
        Assert.Equal(1, await engine.ReadAsync(bytes));
        Assert.Equal(0, await engine.ReadAsync(bytes));
        Assert.Equal((4, 3L, true), ((int)bytes[0], port.Sent, port.HasAnswered));
    }

    [Fact]
    public async Task A_connection_is_closed_if_the_registry_is_unreachable()
    {
        await using var port = Open(Unreachable);
        await using var engine = await ConnectAsync(port);
        Assert.Equal(0, await engine.ReadAsync(new byte[1]));
        Assert.False(port.HasAnswered);
    }

    [Fact]
    public async Task Closing_the_port_ends_its_connections()
    {
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        var port = Open(stop => Dial.TcpAsync("127.0.0.1", ((IPEndPoint)registry.LocalEndpoint).Port, stop));
        await using var engine = await ConnectAsync(port);
        using var accepted = await registry.AcceptTcpClientAsync();
        // The system accepts a connection before the port knows that it is connected.
        await engine.WriteAsync(new byte[1]);
        await accepted.GetStream().ReadExactlyAsync(new byte[1]);
        await port.DisposeAsync();
        Assert.Equal(0, await accepted.GetStream().ReadAsync(new byte[1]));
        await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(port));
    }

    private static Task<Stream> Unreachable(CancellationToken stop) =>
        throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "lab-1", "The machine does not respond.");

    private static Task<Stream> ConnectAsync(RegistryPort port) => Dial.TcpAsync("127.0.0.1", IPEndPoint.Parse(port.Address).Port, CancellationToken.None);

    private RegistryPort Open(Func<CancellationToken, Task<Stream>> dial) => RegistryPort.Open(_identity, dial, _ => { });
}
