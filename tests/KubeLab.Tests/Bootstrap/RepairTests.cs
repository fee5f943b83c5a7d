using KubeLab.Engine.Flow;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Repairs of stopped services and deleted objects, and concurrent runs.</summary>
public sealed class RepairTests : IDisposable
{
    private static readonly string[] Worker = ["node.cluster=k", "node.role=worker", "node.state=done", "kubelet=1"];
    private static readonly string[] Control =
        ["node.cluster=k", "node.role=control-plane", "node.state=done", "node.podSubnet=10.244.0.0/16", "kubelet=1", "services=10.96.0.0/16"];

    private readonly FakeCluster _k = new();
    private readonly Machine _control = Machine("k-1", 1);
    private readonly Machine _second = Machine("k-2", 2);

    public void Dispose() => _k.Dispose();

    [Theory]
    [InlineData("k-1")]
    [InlineData("k-2")]
    public async Task A_stopped_service_is_started(string machine)
    {
        var cluster = Joined();
        if (machine == "k-1")
            _k.Installed(_control, [.. Control, "node.podNetwork=HostRoutes", "stopped=containerd (failed),kubelet (inactive)"]);
        else
            _k.Installed(_second, [.. Worker, "stopped=kubelet (inactive)"]);
        _k.On(machine, "services");

        await _k.Kubeadm.JoinAsync(cluster, [], _k.Heard, _k.Failed, default);

        Assert.Single(_k.Ran, $"{machine} services");
        Assert.Single(_k.Ran, run => run.EndsWith(" services", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HostRoutes", "addon/kube-proxy addon/coredns upload-config/kubelet", null)]
    [InlineData("Calico", "addon/kube-proxy addon/coredns upload-config/kubelet", null)]
    // This network may replace kube-proxy.
    [InlineData("https://cilium.example/cilium.yaml", "addon/coredns upload-config/kubelet", "kube-proxy")]
    public async Task Deleted_objects_of_kubeadm_are_recreated(string network, string phases, string? absent)
    {
        var cluster = Joined(network);
        _k.Missing.AddRange([
            new("DaemonSet kube-system/kube-proxy", "addon/kube-proxy"), new("ConfigMap kube-system/kube-proxy", "addon/kube-proxy"),
            new("Deployment kube-system/coredns", "addon/coredns"), new("ConfigMap kube-system/kubelet-config", "upload-config/kubelet")]);
        var input = "";
        _k.On("k-1", "addons", text =>
        {
            input = text;
            return new(0, "", "");
        });

        await _k.Kubeadm.JoinAsync(cluster, [], _k.Heard, _k.Failed, default);

        Assert.StartsWith($"PHASES='{phases}'\n", input, StringComparison.Ordinal);
        Assert.Contains("serviceSubnet: 10.96.0.0/16", input, StringComparison.Ordinal);
        var step = Assert.Single(_k.Heard.Of(LabEventKind.Step), text => text.Contains("missing", StringComparison.Ordinal));
        Assert.Equal(absent is null, step.Contains("DaemonSet kube-system/kube-proxy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Initializing_an_existing_cluster_repairs_it()
    {
        Joined();
        _k.Installed(_control, [.. Control, "node.podNetwork=HostRoutes", "stopped=kubelet (inactive)"]);
        _k.Missing.Add(new("DaemonSet kube-system/kube-proxy", "addon/kube-proxy"));
        _k.On("k-1", "services");
        _k.On("k-1", "addons");

        await _k.Kubeadm.InitializeAsync([_control, _second], new(null), _k.Heard, _k.Failed, default);

        Assert.Equal(["k-1 services", "k-1 addons"], _k.Ran.Where(run => run is "k-1 services" or "k-1 addons"));
    }

    [Fact]
    public async Task A_control_plane_without_recorded_subnets_is_not_repaired()
    {
        var cluster = Joined();
        _k.Installed(_control, [.. Control.Except(["services=10.96.0.0/16"]), "node.podNetwork=HostRoutes"]);
        _k.Missing.Add(new("DaemonSet kube-system/kube-proxy", "addon/kube-proxy"));

        await _k.Kubeadm.JoinAsync(cluster, [], _k.Heard, _k.Failed, default);

        Assert.Contains(
            "DaemonSet kube-system/kube-proxy cannot be recreated", Assert.Single(_k.Heard.Of(LabEventKind.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pod_subnet_of_a_concurrent_run_is_used()
    {
        _k.Installed(_control, "stamp=1.5");
        var seen = "";
        _k.On("k-1", "init", input =>
        {
            seen = input;
            _k.Nodes.Add(Node("k-1", 1));
            return new(0, "::fact podSubnet=10.9.0.0/16\n", "");
        });
        var network = "";
        _k.On("k-1", "network", input =>
        {
            network = input;
            return new(0, "", "");
        });

        await _k.Kubeadm.InitializeAsync([_control], new(null), _k.Heard, _k.Failed, default);

        Assert.Contains("SEEN='1.5'\n", seen, StringComparison.Ordinal);
        Assert.Contains("POD_SUBNET='10.9.0.0/16'\n", network, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_a_concurrent_run_joined_is_not_deleted()
    {
        var cluster = Joined();
        var reads = 0;
        _k.On("k-2", "facts", _ => new(
            0, ++reads == 1 ? "::fact kubeadm=v1.20.2\n" : "::fact kubeadm=v1.20.2\n::fact node.cluster=k\n::fact kubelet=1\n", ""));

        var joined = await _k.Kubeadm.JoinAsync(cluster, [], _k.Heard, _k.Failed, default);

        Assert.Equal((2, 2), (joined.ReadyNodes, _k.Nodes.Count));
        Assert.DoesNotContain("k-2 join", _k.Ran);
    }

    private KlCluster Joined(string network = "HostRoutes")
    {
        var cluster = _k.Initialized(_control, _second);
        _k.Installed(_control, [.. Control, $"node.podNetwork={network}"]);
        _k.Installed(_second, Worker);
        _k.Nodes.Add(Node("k-2", 2));
        _k.On("k-2", "network");
        return cluster;
    }
}
