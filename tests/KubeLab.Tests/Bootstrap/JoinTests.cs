using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed partial class JoinTests : IDisposable
{
    private readonly FakeCluster _k = new();
    private readonly Machine _control = Machine("k-1", 1);
    private readonly Machine _second = Machine("k-2", 2);
    private readonly Machine _third = Machine("k-3", 3);
    private readonly string _ca = Certificate();

    public void Dispose() => _k.Dispose();

    [Fact]
    public async Task Machines_join_with_the_ca_hash_and_get_routes_to_each_other()
    {
        var cluster = CanJoin(_second, _third);
        var joins = new List<string>();
        _k.On("k-2", "join", input =>
        {
            joins.Add(input);
            _k.Nodes.Add(Node("k-2", 2));
            return new(0, "", "");
        });
        var routes = "";
        _k.On("k-1", "network", input =>
        {
            routes = input;
            return new(0, "", "");
        });

        var joined = await JoinAsync(cluster);

        Assert.Equal(3, joined.ReadyNodes);
        Assert.Equal(["k-1", "k-2", "k-3"], joined.Machines.Select(machine => machine.Name));
        Assert.Contains(JoinSecret.HashOf(_ca), joins.Single(), StringComparison.Ordinal);
        Assert.Contains("ROUTES='10.244.1.0/24 10.77.1.2\n10.244.2.0/24 10.77.1.3'", routes, StringComparison.Ordinal);
        Assert.Single(_k.Ran, "k-1 token");
    }

    [Fact]
    public async Task Existing_nodes_are_not_changed()
    {
        var cluster = CanJoin(_second);
        _k.Installed(_second, "node.cluster=k", "node.state=done", "kubelet=1");
        _k.Nodes.Add(Node("k-2", 2));

        await JoinAsync(cluster);

        Assert.DoesNotContain("k-2 join", _k.Ran);
        Assert.DoesNotContain("k-1 token", _k.Ran);
        Assert.Empty(_k.Heard.Of(LabEventKind.Changed));
    }

    [Theory]
    // The kubelet was restarted before the facts were gathered, or is started by this run.
    [InlineData("started=1000", "")]
    [InlineData("started=100", "kubelet (inactive)")]
    public async Task A_node_is_Ready_when_its_kubelet_has_reported_since_it_was_started(string started, string stopped)
    {
        var cluster = CanJoin(_second);
        _k.Installed(_second, "node.cluster=k", "node.state=done", "kubelet=1", started, $"stopped={stopped}");
        _k.On("k-2", "services", "started=1000");
        var node = Node("k-2", 2) with { Reported = DateTimeOffset.FromUnixTimeSeconds(999) };
        _k.Nodes.Add(node);
        var lists = 0;
        _k.Listing = () =>
        {
            if (++lists == 5)
                _k.Nodes[^1] = node with { Reported = DateTimeOffset.FromUnixTimeSeconds(1000) };
        };

        await JoinAsync(cluster);

        Assert.True(lists >= 5);
        Assert.Contains(_k.Heard.Of(LabEventKind.Detail), line => line.Contains("has not reported since it was started", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Join_retries_while_the_api_server_is_down()
    {
        var cluster = CanJoin(_second);
        var (attempts, probes) = (0, 0);
        _k.On("k-2", "join", _ =>
        {
            if (++attempts < 6)
                return new(1, "error execution phase preflight: words of a future kubeadm\n", "");
            _k.Nodes.Add(Node("k-2", 2));
            return new(0, "", "");
        });
        // It is ready in between, but not when kubeadm runs.
        _k.Probing = () => ++probes == 4 ? null : new(ErrorIds.KubeUnreachable, KlErrorKind.Unreachable, "k", "k does not respond.");

        await JoinAsync(cluster);

        Assert.Equal((6, 5), (attempts, probes));
        Assert.Empty(_k.Failures);
        Assert.Contains(_k.Heard.Of(LabEventKind.Detail), line => line.Contains("k does not respond.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_join_that_fails_before_the_api_server_is_ready_again_is_retried()
    {
        var cluster = CanJoin(_second);
        var attempts = 0;
        _k.On("k-2", "join", _ =>
        {
            if (++attempts == 1)
                return new(1, "dial tcp 10.77.1.1:6443: connect: connection refused\n", "");
            _k.Nodes.Add(Node("k-2", 2));
            return new(0, "", "");
        });
        _k.Probing = () => null;

        await JoinAsync(cluster);

        Assert.Equal(2, attempts);
        Assert.Empty(_k.Failures);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(KlErrorKind.Denied)]
    public async Task A_join_that_fails_twice_while_the_api_server_responds_fails_with_the_words_of_kubeadm(KlErrorKind? probe)
    {
        var cluster = CanJoin(_second, _third);
        _k.On("k-2", "join", _ => new(1, "::step kubeadm join\nerror execution phase preflight: [ERROR Port-10250]: Port 10250 is in use\n", ""));
        _k.Probing = () => probe is { } kind ? new(ErrorIds.KubeUnauthorized, kind, "k", "k rejected the credentials.") : null;

        var joined = await JoinAsync(cluster);

        Assert.Equal(["k-1", "k-3"], joined.Machines.Select(machine => machine.Name));
        var error = Assert.IsType<KlException>(_k.Failures["k-2"]);
        Assert.Equal("JoinFailed", error.ErrorId);
        Assert.Contains("Port 10250 is in use", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _k.Ran.Count(one => one == "k-2 join"));
    }

    [Fact]
    public async Task A_join_without_an_api_server_times_out_with_its_reason_and_the_words_of_kubeadm()
    {
        var cluster = CanJoin(_second);
        _k.On("k-2", "join", _ => new(1, "error execution phase preflight: couldn't validate the identity of the API Server\n", ""));
        _k.Probing = () => new(ErrorIds.KubeUnavailable, KlErrorKind.Unreachable, "k", "The API server of k is not ready: etcd not ready.");

        await JoinAsync(cluster);

        var error = Assert.IsType<KlException>(_k.Failures["k-2"]);
        Assert.Equal("JoinTimeout", error.ErrorId);
        Assert.Contains("etcd not ready", error.Message, StringComparison.Ordinal);
        Assert.Contains("couldn't validate the identity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_whose_removal_was_interrupted_joins_again()
    {
        var cluster = CanJoin(_second);
        _k.Installed(_second, "node.cluster=k", "node.state=removing", "kubelet=1");
        _k.Nodes.Add(Node("k-2", 2) with { PodCidr = "10.244.9.0/24" });

        await JoinAsync(cluster);

        Assert.Contains("k-2 join", _k.Ran);
        Assert.Equal("10.244.1.0/24", _k.Nodes.Single(node => node.Name == "k-2").PodCidr);
    }

    [Fact]
    public async Task A_recreated_machine_replaces_its_old_node()
    {
        var cluster = CanJoin(_second);
        _k.Nodes.Add(Node("k-2", 2));
        _k.On("k-2", "join", _ =>
        {
            Assert.DoesNotContain(_k.Nodes, node => node.Name == "k-2");
            _k.Nodes.Add(Node("k-2", 2));
            return new(0, "", "");
        });

        Assert.Equal(2, (await JoinAsync(cluster)).ReadyNodes);
    }

    [Fact]
    public async Task A_node_of_another_cluster_cannot_join()
    {
        var cluster = CanJoin(_second);
        _k.Installed(_second, "node.cluster=other", "node.state=done", "kubelet=1");

        await JoinAsync(cluster);

        Assert.Equal("MachineInUse", ((KlException)_k.Failures["k-2"]).ErrorId);
    }

    [Fact]
    public async Task A_node_that_is_not_ready_is_reported_with_its_reason_and_kubelet_log()
    {
        var cluster = CanJoin(_second);
        _k.On("k-2", "join", _ =>
        {
            _k.Nodes.Add(Node("k-2", 2, isReady: false));
            return new(0, "", "");
        });
        _k.On("k-2", "journalctl -u kubelet -n 15 --no-pager -o cat", _ => new(0, "failed to load Kubelet config file", ""));

        var error = await Assert.ThrowsAsync<KlException>(() => JoinAsync(cluster));

        Assert.Equal("NodeTimeout", error.ErrorId);
        Assert.Equal("k-2", error.Target);
        Assert.Contains("container runtime network not ready", error.Message, StringComparison.Ordinal);
        Assert.Contains("failed to load Kubelet config file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_without_an_initialized_control_plane_cannot_be_joined()
    {
        var cluster = CanJoin(_second);
        _k.Installed(_control, "node.cluster=k", "node.role=control-plane", "node.state=started");

        Assert.Equal("ClusterNotInitialized", (await Assert.ThrowsAsync<KlException>(() => JoinAsync(cluster))).ErrorId);
    }

    private KlCluster CanJoin(params Machine[] machines)
    {
        var cluster = _k.Initialized(_control, machines);
        _k.On("k-1", "token", "token=abcdef.0123456789abcdef", "ca=" + Convert.ToBase64String(Encoding.ASCII.GetBytes(_ca)));
        foreach (var (machine, number) in machines.Select((machine, index) => (machine, index + 2)))
        {
            _k.Installed(machine);
            _k.On(machine.Name, "network");
            _k.On(machine.Name, "join", _ =>
            {
                _k.Nodes.Add(Node(machine.Name, number));
                return new(0, "", "");
            });
        }
        return cluster;
    }

    private Task<KlCluster> JoinAsync(KlCluster cluster) => _k.Kubeadm.JoinAsync(cluster, [], _k.Heard, _k.Failed, default);

    internal static string Certificate()
    {
        using var key = ECDsa.Create();
        return new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100)).ExportCertificatePem();
    }
}
