using KubeLab.Engine.Flow;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed class InitializeTests : IDisposable
{
    private readonly FakeCluster _k = new();
    private readonly Machine _first = Machine("k-1", 1);
    private readonly Machine _second = Machine("k-2", 2);
    private readonly Machine _tenth = Machine("k-10", 10);

    public void Dispose() => _k.Dispose();

    [Fact]
    public async Task The_first_machine_by_number_becomes_the_control_plane()
    {
        foreach (var machine in new[] { _tenth, _second })
            _k.Installed(machine);
        CanInitialize(_second, 2);

        var cluster = await InitializeAsync(_tenth, _second);

        Assert.Equal("k-2", cluster.ControlPlane.Name);
        Assert.Equal(["k-2", "k-10"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(new Uri("https://127.0.0.1:21002"), _k.Contexts["k"]);
        Assert.Equal("1.20.2", cluster.Version);
        Assert.Contains("k: added the context kubelab-k to the kubeconfig", _k.Heard.Of(LabEventKind.Changed));
    }

    [Fact]
    public async Task An_existing_cluster_is_not_changed()
    {
        _k.Contexts["k"] = new(_k.Initialized(_first, _second).Server);
        _k.Installed(_second);

        await InitializeAsync(_first, _second);

        Assert.DoesNotContain("k-1 init", _k.Ran);
        Assert.Empty(_k.Heard.Of(LabEventKind.Changed));
    }

    [Fact]
    public async Task An_incomplete_control_plane_is_initialized_again()
    {
        _k.Installed(_first,
            "node.cluster=k", "node.role=control-plane", "node.state=started", "node.podNetwork=HostRoutes", "node.podSubnet=10.244.0.0/16");
        CanInitialize(_first, 1);

        await InitializeAsync(_first);

        Assert.Equal(["k-1 facts", "k-1 init", "k-1 network"], _k.Ran);
    }

    [Fact]
    public async Task An_incomplete_control_plane_is_ignored_if_an_earlier_machine_is_available()
    {
        _k.Installed(_first);
        _k.Installed(_second, "node.cluster=k", "node.role=control-plane", "node.state=started", "node.server=10.77.1.2");
        CanInitialize(_first, 1);

        Assert.Equal("k-1", (await InitializeAsync(_first, _second)).ControlPlane.Name);
    }

    [Fact]
    public async Task Workers_stay_in_their_cluster_if_the_control_plane_is_down()
    {
        _k.Installed(_second, "node.cluster=k", "node.role=worker", "node.state=done", "node.server=10.77.1.1", "kubelet=1");
        _k.On("k-1", "facts", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-1", "no response"));

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(_first, _second));

        Assert.Equal("ControlPlaneMissing", error.ErrorId);
        Assert.Contains("10.77.1.1", error.Message, StringComparison.Ordinal);
        Assert.Equal("HostUnreachable", ((KlException)_k.Failures["k-1"]).ErrorId);
    }

    [Fact]
    public async Task A_failed_machine_is_reported_and_the_others_continue()
    {
        _k.Installed(_first);
        CanInitialize(_first, 1);
        _k.On("k-2", "facts", "kubeadm=");

        var cluster = await InitializeAsync(_first, _second);

        Assert.Equal(["k-1"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal("KubeadmNotInstalled", ((KlException)_k.Failures["k-2"]).ErrorId);
    }

    [Fact]
    public async Task A_running_cluster_keeps_its_pod_network()
    {
        _k.Initialized(_first);

        var error = await Assert.ThrowsAsync<KlException>(
            () => _k.Kubeadm.InitializeAsync([_first], new(null) { PodNetwork = "Calico" }, _k.Heard, _k.Failed, default));

        Assert.Equal("PodNetworkDiffers", error.ErrorId);
    }

    [Fact]
    public async Task The_pod_subnet_must_not_overlap_the_network_of_the_machines()
    {
        _k.Installed(_first);

        var error = await Assert.ThrowsAsync<KlException>(
            () => _k.Kubeadm.InitializeAsync([_first], new(null) { PodSubnet = "10.64.0.0/12" }, _k.Heard, _k.Failed, default));

        Assert.Equal("SubnetOverlaps", error.ErrorId);
        Assert.Contains("10.77.0.0/16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_node_gets_its_pod_cidr_at_once()
    {
        _k.Installed(_first);
        CanInitialize(_first, 1);
        _k.On("k-1", "init", _ =>
        {
            _k.Nodes.Add(Node("k-1", 1) with { PodCidr = null });
            return new(0, "", "");
        });

        await InitializeAsync(_first);

        Assert.Equal("10.244.0.0/24", (string?)_k.Applied.Single()["spec"]!["podCIDR"]);
    }

    [Fact]
    public async Task The_token_is_in_the_script_but_not_in_events()
    {
        _k.Installed(_first);
        CanInitialize(_first, 1);
        var token = "";
        _k.On("k-1", "init", input =>
        {
            token = System.Text.RegularExpressions.Regex.Match(input, "token: ([a-z0-9]{6}\\.[a-z0-9]{16})").Groups[1].Value;
            _k.Nodes.Add(Node("k-1", 1));
            return new(1, "some output\n::step kubeadm init\nmore\n", "");
        });

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(_first));

        Assert.Equal("InitializeFailed", error.ErrorId);
        Assert.Contains("'kubeadm init' failed with exit code 1", error.Message, StringComparison.Ordinal);
        Assert.NotEqual("", token);
        Assert.DoesNotContain(token, error.Message + string.Concat(Enum.GetValues<LabEventKind>().SelectMany(_k.Heard.Of)), StringComparison.Ordinal);
    }

    private void CanInitialize(Machine machine, int number)
    {
        _k.On(machine.Name, "init", _ =>
        {
            _k.Nodes.Add(Node(machine.Name, number) with { IsControlPlane = true });
            return new(0, "", "");
        });
        _k.On(machine.Name, "network");
    }

    private Task<KlCluster> InitializeAsync(params Machine[] machines) =>
        _k.Kubeadm.InitializeAsync(machines, new(null), _k.Heard, _k.Failed, default);
}
