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
        Initable(_second, 2);

        var cluster = await InitializeAsync(_tenth, _second);

        Assert.Equal("k-2", cluster.ControlPlane.Name);
        Assert.Equal(["k-2", "k-10"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(new Uri("https://127.0.0.1:21002"), _k.Contexts["k"]);
        Assert.Equal("1.20.2", cluster.Version);
        Assert.Contains("k: added context kubelab-k to the kubeconfig", _k.Heard.Of(LabEventKind.Changed));
    }

    [Fact]
    public async Task A_cluster_that_is_there_is_left_alone()
    {
        var made = _k.Made(_first, _second);
        _k.Contexts["k"] = made.Server;
        _k.Installed(_second);

        await InitializeAsync(_first, _second);

        Assert.DoesNotContain("k-1 init", _k.Ran);
        Assert.Empty(_k.Heard.Of(LabEventKind.Changed));
    }

    [Fact]
    public async Task A_half_made_control_plane_is_made_again()
    {
        _k.Installed(_first, "node.cluster=k", "node.role=control-plane", "node.state=started", "node.podNetwork=HostRoutes", "node.podSubnet=10.244.0.0/16");
        Initable(_first, 1);

        await InitializeAsync(_first);

        Assert.Equal(["k-1 facts", "k-1 init", "k-1 network"], _k.Ran);
    }

    [Fact]
    public async Task A_half_made_control_plane_is_none_where_an_earlier_machine_is_back()
    {
        _k.Installed(_first);
        _k.Installed(_second, "node.cluster=k", "node.role=control-plane", "node.state=started", "node.server=10.77.1.2");
        Initable(_first, 1);

        Assert.Equal("k-1", (await InitializeAsync(_first, _second)).ControlPlane.Name);
    }

    [Fact]
    public async Task Workers_are_not_taken_from_a_control_plane_that_is_only_down()
    {
        _k.Installed(_second, "node.cluster=k", "node.role=worker", "node.state=done", "node.server=10.77.1.1", "kubelet=1");
        _k.On("k-1", "facts", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-1", "no answer"));

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(_first, _second));

        Assert.Equal("ControlPlaneMissing", error.ErrorId);
        Assert.Contains("10.77.1.1", error.Message, StringComparison.Ordinal);
        Assert.Equal("HostUnreachable", ((KlException)_k.Failures["k-1"]).ErrorId);
    }

    [Fact]
    public async Task A_machine_that_fails_is_told_and_the_good_ones_go_on()
    {
        _k.Installed(_first);
        Initable(_first, 1);
        _k.On("k-2", "facts", "kubeadm=");

        var cluster = await InitializeAsync(_first, _second);

        Assert.Equal(["k-1"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal("KubeadmNotInstalled", ((KlException)_k.Failures["k-2"]).ErrorId);
    }

    [Fact]
    public async Task A_running_cluster_keeps_its_pod_network()
    {
        _k.Made(_first);

        var error = await Assert.ThrowsAsync<KlException>(() => _k.Kubeadm.InitializeAsync([_first], new(null) { PodNetwork = "Calico" }, _k.Heard, _k.Failed, default));

        Assert.Equal("PodNetworkDiffers", error.ErrorId);
    }

    [Fact]
    public async Task Pods_cannot_have_the_machines_network()
    {
        _k.Installed(_first);

        var error = await Assert.ThrowsAsync<KlException>(() => _k.Kubeadm.InitializeAsync([_first], new(null) { PodSubnet = "10.64.0.0/12" }, _k.Heard, _k.Failed, default));

        Assert.Equal("SubnetOverlaps", error.ErrorId);
        Assert.Contains("10.77.0.0/16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_node_gets_its_range_at_once()
    {
        _k.Installed(_first);
        Initable(_first, 1);
        _k.On("k-1", "init", _ =>
        {
            _k.Nodes.Add(Node("k-1", 1) with { PodCidr = null });
            return new(0, "", "");
        });

        await InitializeAsync(_first);

        Assert.Equal("10.244.0.0/24", (string?)_k.Applied.Single()["spec"]!["podCIDR"]);
    }

    [Fact]
    public async Task The_token_is_in_the_script_and_in_no_event()
    {
        _k.Installed(_first);
        Initable(_first, 1);
        var token = "";
        _k.On("k-1", "init", input =>
        {
            token = System.Text.RegularExpressions.Regex.Match(input, "token: ([a-z0-9]{6}\\.[a-z0-9]{16})").Groups[1].Value;
            _k.Nodes.Add(Node("k-1", 1));
            return new(1, "some output\n::step kubeadm init\nmore\n", "");
        });

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(_first));

        Assert.Equal("InitializeFailed", error.ErrorId);
        Assert.Contains("'kubeadm init' ended with exit code 1", error.Message, StringComparison.Ordinal);
        Assert.NotEqual("", token);
        Assert.DoesNotContain(token, error.Message + string.Concat(Enum.GetValues<LabEventKind>().SelectMany(_k.Heard.Of)), StringComparison.Ordinal);
    }

    private void Initable(Machine machine, int number)
    {
        _k.On(machine.Name, "init", _ =>
        {
            _k.Nodes.Add(Node(machine.Name, number));
            return new(0, "", "");
        });
        _k.On(machine.Name, "network");
    }

    private Task<KlCluster> InitializeAsync(params Machine[] machines) => _k.Kubeadm.InitializeAsync(machines, new(null), _k.Heard, _k.Failed, default);
}
