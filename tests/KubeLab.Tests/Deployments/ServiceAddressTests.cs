using System.Net;
using System.Net.Sockets;
using System.Text;
using k8s;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Remote;

namespace KubeLab.Tests.Deployments;

public sealed class ServiceAddressTests
{
    private const string Node = """{"metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":["""
        + """{"type":"InternalIP","address":"10.1.0.1"}]}}""";

    [Theory]
    [InlineData("""{"port":3306,"protocol":"TCP"}""", "ClusterIP", "database.default.svc:3306", "")]
    [InlineData("""{"port":80,"protocol":"TCP"}""", "ClusterIP", "database.default.svc:80", "http://database.default.svc/")]
    [InlineData("""{"port":443,"nodePort":30443}""", "NodePort", "10.1.0.1:30443", "https://10.1.0.1:30443/")]
    [InlineData("""{"port":9898,"nodePort":30898,"appProtocol":"http"}""", "NodePort", "10.1.0.1:30898", "http://10.1.0.1:30898/")]
    [InlineData("""{"port":9898,"nodePort":30898,"appProtocol":"kubernetes.io/wss"}""", "NodePort", "10.1.0.1:30898", "https://10.1.0.1:30898/")]
    [InlineData("""{"port":9898,"nodePort":30898,"name":"http-metrics"}""", "NodePort", "10.1.0.1:30898", "http://10.1.0.1:30898/")]
    [InlineData("""{"port":80,"nodePort":30080,"appProtocol":"mysql"}""", "NodePort", "10.1.0.1:30080", "")]
    [InlineData("""{"port":6379,"nodePort":30379,"name":"redis"}""", "NodePort", "10.1.0.1:30379", "")]
    [InlineData("""{"port":443,"nodePort":30443,"name":"grpc"}""", "NodePort", "10.1.0.1:30443", "")]
    [InlineData("""{"port":80,"nodePort":30080,"name":"MySQL-rw"}""", "NodePort", "10.1.0.1:30080", "")]
    [InlineData("""{"port":5000,"nodePort":30500,"name":"tcp-voice"}""", "NodePort", "10.1.0.1:30500", "")]
    [InlineData("""{"port":8080,"nodePort":30808,"name":"tls"}""", "NodePort", "10.1.0.1:30808", "")]
    [InlineData("""{"port":8080,"nodePort":30808,"name":"tcp-8080"}""", "NodePort", "10.1.0.1:30808", "http://10.1.0.1:30808/")]
    [InlineData("""{"port":8080,"nodePort":30808,"name":"web"}""", "NodePort", "10.1.0.1:30808", "http://10.1.0.1:30808/")]
    [InlineData("""{"port":53,"nodePort":30053,"protocol":"UDP"}""", "NodePort", "", "")]
    public void Only_http_ports_have_urls(string port, string type, string addresses, string urls)
    {
        var service = Service($$"""{"metadata":{"name":"database","namespace":"default"},"spec":{"type":"{{type}}","ports":[{{port}}]} }""");
        Assert.Equal(addresses, string.Join(' ', service.Addresses));
        Assert.Equal(urls, string.Join(' ', service.Urls.AsEnumerable()));
    }

    [Theory]
    [InlineData("/up", null, "http")]
    [InlineData(null, null, null)]
    [InlineData(null, "mysql", "mysql")]
    [InlineData("/up", "grpc", "grpc")]
    public void The_readiness_probe_or_the_user_determines_the_protocol(string? readiness, string? asked, string? expected)
    {
        var labels = readiness is null ? [] : new Dictionary<string, string> { ["org.kubelab.readiness"] = readiness };
        var deployment = DeploymentManifest.Of(DeploymentPlan.Of(new()
        {
            Name = "web", Image = "i",
            Declares = new ImageDeclaration { Ports = [9898, 9899], Labels = labels }
        }, "default"), null);
        var ports = ServiceClient.Manifest(new("web") { AppProtocol = asked }, deployment).Spec.Ports;
        Assert.Equal([expected, asked], ports.Select(port => port.AppProtocol));
    }

    [Theory]
    [InlineData("/up")]
    [InlineData(null)]
    public async Task Expose_waits_until_the_addresses_of_the_service_respond(string? path)
    {
        var port = Sshd.FreePort();
        using var node = new TcpListener(IPAddress.Loopback, port);
        var events = new Listener();
        // The node refuses the first connection.
        var waiting = ServiceProbe.WaitAsync(At("127.0.0.1", port), path, new ClockWithFirstPause(node.Start), events, default);
        if (path is not null)
        {
            await Sshd.UntilAsync(() => node.Server.IsBound, "not tried again");
            using var client = await node.AcceptTcpClientAsync();
            Assert.Equal("GET /up HTTP/1.1", await new StreamReader(client.GetStream()).ReadLineAsync());
            Assert.False(waiting.IsCompleted);
            await client.GetStream()
                .WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"));
        }
        await waiting;
        Assert.True(node.Server.IsBound);
        Assert.DoesNotContain(events.Reported, e => e.Kind == LabEventKind.Warning);
    }

    [Fact]
    public async Task A_refusing_address_is_a_warning_and_an_unreachable_one_is_not()
    {
        var events = new Listener();
        await ServiceProbe.WaitAsync(At("127.0.0.1", Sshd.FreePort()), null, new QuickClock(), events, default);
        Assert.Contains("does not respond yet", Assert.Single(events.Reported, e => e.Kind == LabEventKind.Warning).Message, StringComparison.Ordinal);

        events = new Listener();
        // TCP cannot connect to the broadcast address, so nothing is sent (ENETUNREACH, tcp(7)).
        await ServiceProbe.WaitAsync(At("255.255.255.255", 80), null, new QuickClock(), events, default);
        Assert.DoesNotContain(events.Reported, e => e.Kind == LabEventKind.Warning);
    }

    private static KlService At(string host, int port) =>
        Service($$"""{"metadata":{"name":"web","namespace":"default"},"spec":{"type":"LoadBalancer","ports":[{"port":{{port}},"appProtocol":"http"}]}"""
            + $$""","status":{"loadBalancer":{"ingress":[{"ip":"{{host}}"}]} } }""");

    private static KlService Service(string json) =>
        KlService.From(KubernetesJson.Deserialize<V1Service>(json), [KubernetesJson.Deserialize<V1Node>(Node)], "lab", DateTimeOffset.UnixEpoch);

    private sealed class ClockWithFirstPause(Action first) : QuickClock
    {
        private int _pauses;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (state is Task && Interlocked.Increment(ref _pauses) == 1)
                first();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class Listener : IProgress<LabEvent>
    {
        public List<LabEvent> Reported { get; } = [];

        public void Report(LabEvent value)
        {
            lock (Reported)
                Reported.Add(value);
        }
    }
}
