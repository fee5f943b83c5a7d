using System.Net;
using System.Net.Sockets;
using System.Text;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Bootstrap;

namespace KubeLab.Tests.Health;

/// <summary>health.sh and connectivity.sh in bash with fake commands.</summary>
public sealed class HealthScriptTests : IDisposable
{
    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_control_plane_reports_its_state()
    {
        _node.Put("/etc/kubernetes/manifests/kube-apiserver.yaml", "");
        _node.Put("/etc/containerd/certs.d/mirror:5000/hosts.toml", "");
        _node.Put("/etc/containerd/certs.d/10.77.1.1:5000/ca.crt", "");

        var (exit, output) = await _node.RunAsync("health", """
            stopped_services() { printf '%s\n' 'containerd (failed)' 'kubelet (inactive)'; }
            df() { printf '%s\n' 'Use% Mounted on' ' 9% /' '81% /var/lib/containerd' '9% /'; }
            curl() { [[ $* == *readyz* ]] && echo ok || printf 401; }
            main </dev/null
            """);

        Assert.Equal(0, exit);
        var facts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["::fact ".Length..].Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.True(double.Parse(facts["now"], System.Globalization.CultureInfo.InvariantCulture) > 1.7e9, output);
        Assert.Equal(("containerd (failed),kubelet (inactive)", "81 /var/lib/containerd", "ok", "10.77.1.1:5000 401"),
            (facts["stopped"], facts["disk"], facts["api"], facts["registry"]));
    }

    [Fact]
    public async Task Servers_that_do_not_respond_are_reported()
    {
        _node.Put("/etc/kubernetes/manifests/kube-apiserver.yaml", "");
        _node.Put("/etc/containerd/certs.d/r:5000/ca.crt", "");
        var (exit, output) = await _node.RunAsync("health",
            "stopped_services() { :; }; df() { :; }; curl() { [[ $* == *readyz* ]] || printf 000; return 7; }; main </dev/null");
        Assert.Equal(0, exit);
        Assert.Contains("::fact stopped=\n::fact disk=\n::fact api=no response\n::fact registry=r:5000 000\n", output, StringComparison.Ordinal);
    }

    [Theory]
    // A kernel without a server rejects the connection. A missing route does not.
    [InlineData("echo 'bash: connect: Connection refused' >&2; return 1", "pod.k-2=ok port.k-1=failed service=failed")]
    [InlineData("echo 'bash: connect: No route to host' >&2; return 1", "pod.k-2=failed port.k-1=failed service=failed")]
    [InlineData("return 124", "pod.k-2=failed port.k-1=failed service=failed")]
    [InlineData("return 0", "pod.k-2=ok port.k-1=ok service=ok")]
    public async Task Connections_from_the_pod_are_reported(string connect, string expected)
    {
        var facts = await ConnectAsync($"nsenter() {{ [[ $* != *udp* ]] || {{ echo ' 12 34 81 80 00 01 00 01'; return; }}; {connect}; }}");
        Assert.Equal([.. expected.Split(' '), "dns=ok"], facts.OrderBy(one => Array.IndexOf(["po", "se", "dn"], one[..2])).ThenBy(one => one));
    }

    [Theory]
    [InlineData(" 12 34 81 80 00 01 00 01", "ok")]
    [InlineData(" 12 34 85 80 00 01 00 02", "ok")]
    [InlineData(" 12 34 81 83 00 01 00 01", "failed")]
    [InlineData(" 12 34 81 80 00 01 00 00", "failed")]
    [InlineData(" 99 34 81 80 00 01 00 01", "failed")]
    [InlineData("", "failed")]
    public async Task An_answer_with_an_address_is_expected_from_the_DNS(string answer, string expected) =>
        Assert.Contains($"dns={expected}", await ConnectAsync($"nsenter() {{ [[ $* != *udp* ]] || echo '{answer}'; }}"));

    [Fact]
    public async Task The_DNS_gets_the_query_in_one_datagram()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var text = _node.Text("connectivity", "PID=1; nsenter() { shift 3; \"$@\"; }; resolves && echo resolved", [.. Parameters[..^1], ("DNS", "127.0.0.1")])
            .Replace("$0/53", $"$0/{((IPEndPoint)server.Client.LocalEndPoint!).Port}", StringComparison.Ordinal);
        var run = Cli.Wrap("bash").WithArguments(["-s"]).WithStandardInputPipe(PipeSource.FromString(text))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

        var query = await server.ReceiveAsync();
        await server.SendAsync(new byte[] { 0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1 }, query.RemoteEndPoint);

        Assert.Equal("\u00124\u0001\0\0\u0001\0\0\0\0\0\0\bkube-dns\vkube-system\u0003svc\acluster\u0005local\0\0\u0001\0\u0001",
            Encoding.ASCII.GetString(query.Buffer));
        Assert.Equal("resolved\n", (await run).StandardOutput);
    }

    [Fact]
    public async Task A_pod_that_does_not_run_is_an_error()
    {
        var (exit, output) = await _node.RunAsync("connectivity", "ctr() { :; }; main </dev/null", Parameters);
        Assert.Equal((3, "::error ConnectivityFailed the container of the pod u1 does not run\n"), (exit, output));
    }

    private static readonly (string, string)[] Parameters =
        [("POD", "u1"), ("PODS", "k-2=10.244.1.7:9"), ("NODE_PORTS", "k-1=10.77.1.1:30007"), ("SERVICE", "10.96.0.1:443"), ("DNS", "10.96.0.10")];

    // The time of failed checks passes at once.
    private async Task<string[]> ConnectAsync(string fakes)
    {
        var (exit, output) = await _node.RunAsync("connectivity", $$"""
            ctr() {
              case $* in
                *'containers ls -q labels."io.kubernetes.pod.uid"==u1') echo c1 ;;
                *'tasks ls') printf '%s\n' 'TASK PID STATUS' 'c0 41 RUNNING' 'c1 42 RUNNING' ;;
              esac
            }
            unset EPOCHSECONDS
            EPOCHSECONDS=0
            sleep() { EPOCHSECONDS=99; }
            {{fakes}}
            main </dev/null
            """, Parameters);
        Assert.True(exit == 0, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["::fact ".Length..])];
    }
}
