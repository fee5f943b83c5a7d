using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Pods;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Pods;

public sealed class PortForwardTests
{
    private const string Pod = "GET /api/v1/namespaces/default/pods/p";
    private const string Runs = """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[]},"status":{"phase":"Running"} }""";

    [Fact]
    public async Task Data_is_forwarded_in_both_directions_without_protocol_bytes()
    {
        await using var fake = await FakeApi.StartAsync();
        await using var forwards = new PortForwards(fake.Session);
        fake.On(Pod, FakeApi.Json(Runs)).On(Pod + "/portforward", FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 0, [80, 0]);
            await FakeApi.SayAsync(socket, 1, [80, 0]);
            var (channel, data) = await FakeApi.HearAsync(socket);
            await FakeApi.SayAsync(socket, channel, [.. data, 255]);
        }));
        var forward = await forwards.StartAsync(fake.Open(), null, "p", 80, 0, default);
        Assert.Contains(forward, forwards.List());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, forward.LocalPort);
        await client.GetStream().WriteAsync(new byte[] { 1, 2 });
        using var got = new MemoryStream();
        await client.GetStream().CopyToAsync(got);
        Assert.Equal([1, 2, 255], got.ToArray());
        await forwards.StopAsync(forward.LocalPort);
        Assert.DoesNotContain(forward, forwards.List());
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, forward.LocalPort));
    }

    [Fact]
    public async Task A_used_port_and_a_pod_that_is_not_running_are_errors()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pod, FakeApi.Json(Runs), FakeApi.Json(Runs.Replace("Running", "Pending", StringComparison.Ordinal)));
        using var api = fake.Open();
        await using var forwards = new PortForwards(fake.Session);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Equal("PortInUse", (await Assert.ThrowsAsync<KlException>(() => forwards.StartAsync(api, null, "p", 80, port, default))).ErrorId);
        Assert.Equal("PodNotRunning", (await Assert.ThrowsAsync<KlException>(() => forwards.StartAsync(api, null, "p", 80, 0, default))).ErrorId);
    }
}
