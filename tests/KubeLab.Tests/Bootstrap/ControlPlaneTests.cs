using System.Text.RegularExpressions;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed partial class ControlPlaneTests : IDisposable
{
    private const string Balancer = "10.77.1.99";
    private static readonly string Ca = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(JoinTests.Certificate()));

    private readonly FakeCluster _k = new();
    private readonly Machine[] _machines = [.. Enumerable.Range(1, 4).Select(number => Machine($"k-{number}", number))];
    private readonly Dictionary<string, string> _joined = [];
    private readonly List<string> _frontends = [];

    public ControlPlaneTests()
    {
        _k.On("k-lb", "balancer", input =>
        {
            _frontends.Add(string.Join(' ', Server().Matches(input).Select(match => match.Groups["name"].Value)));
            return new(0, "", "");
        });
        foreach (var machine in _machines)
        {
            _k.Installed(machine);
            _k.On(machine.Name, "network");
            _k.On(machine.Name, "endpoint");
            _k.On(machine.Name, "join", input => Join(machine, input));
        }
        _k.On("k-1", "token", "token=abcdef.0123456789abcdef", $"ca={Ca}");
        _k.On("k-1", "etcd");
        _k.On("k-1", "addons");
        _k.On("k-1", "watches");
        _k.On("k-1", "init", _ =>
        {
            Running(_machines[0], "10.77.1.1");
            return new(0, "", "");
        });
    }

    public void Dispose() => _k.Dispose();

    [Fact]
    public async Task Control_planes_join_one_after_another_behind_a_load_balancer()
    {
        var cluster = await InitializeAsync(new(null) { ControlPlanes = 3 });

        Assert.Equal(["k-1", "k-2", "k-3"], cluster.ControlPlanes.Select(machine => machine.Name));
        Assert.Equal(["k-1", "k-2", "k-3", "k-4"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(("k-lb", "https://127.0.0.1:21099/"), (cluster.LoadBalancer?.Name, $"{_k.Contexts["k"]}"));
        Assert.Equal(["k-2 join", "k-3 join"], _k.Ran.Where(line => line.EndsWith(" join", StringComparison.Ordinal)));
        Assert.All(_joined.Values, input => Assert.Matches($"ROLE='control-plane'\nSERVER='{Balancer}'\nENDPOINT='k.kubelab.internal:6443'", input));
        Assert.Equal(["k-1", "k-1 k-2 k-3"], _frontends);
        // The first control plane was initialized before there was a load balancer.
        Assert.Equal(["k-1 endpoint", "k-1 watches"], _k.Ran.SkipWhile(line => line != "k-3 join").Where(line => Regex.IsMatch(line, " (endpoint|watches)$")));
    }

    [Fact]
    public async Task The_certificate_key_is_in_scripts_but_not_in_events()
    {
        var uploaded = "";
        _k.On("k-1", "addons", input =>
        {
            uploaded = CertificateKey().Match(input).Groups["key"].Value;
            return new(0, "", "");
        });

        await InitializeAsync(new(null) { ControlPlanes = 3 });

        Assert.Matches("^[0-9a-f]{64}$", uploaded);
        Assert.All(_joined.Values, input => Assert.Equal(uploaded, CertificateKey().Match(input).Groups["key"].Value));
        Assert.DoesNotContain(uploaded, string.Concat(Enum.GetValues<LabEventKind>().SelectMany(_k.Heard.Of)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_planes_are_added_to_a_running_cluster_whose_nodes_then_use_the_load_balancer()
    {
        Running(_machines[0], "10.77.1.1");
        Worker(_machines[1], "10.77.1.1");

        var cluster = await InitializeAsync(new(null) { ControlPlanes = 3 });

        Assert.Equal(["k-1", "k-3", "k-4"], cluster.ControlPlanes.Select(machine => machine.Name));
        Assert.Equal(["k-3", "k-4"], _joined.Keys.Order());
        Assert.Equal(["k-1 endpoint", "k-1 watches", "k-2 endpoint"], _k.Ran.Where(line => Regex.IsMatch(line, " (endpoint|watches)$")).Order());
    }

    [Fact]
    public async Task A_complete_cluster_is_not_changed()
    {
        foreach (var machine in _machines[..3])
            Running(machine, Balancer);
        Worker(_machines[3], Balancer);
        _k.Contexts["k"] = new("https://127.0.0.1:21099");

        var cluster = await InitializeAsync(new(null));

        Assert.Equal(3, cluster.ControlPlanes.Length);
        Assert.DoesNotContain(_k.Ran, line => Regex.IsMatch(line, " (init|join|addons|endpoint|etcd|watches)$"));
        Assert.Empty(_k.Heard.Of(LabEventKind.Changed));
        Assert.Equal(["k-1 k-2 k-3", "k-1 k-2 k-3"], _frontends);
    }

    [Fact]
    public async Task A_control_plane_whose_machine_was_created_again_is_replaced()
    {
        Running(_machines[0], Balancer);
        Running(_machines[2], Balancer);
        Control("k-2", "10.77.1.2");
        var removed = "";
        _k.On("k-1", "etcd", input =>
        {
            removed = Regex.Match(input, "MEMBER='(.*)'\nPEER='(.*)'").Value;
            return new(0, "", "");
        });

        var cluster = await InitializeAsync(new(null));

        Assert.Equal(["k-2"], _joined.Keys);
        Assert.Equal(["k-1", "k-2", "k-3"], cluster.ControlPlanes.Select(machine => machine.Name));
        Assert.Equal("MEMBER='k-2'\nPEER='https://10.77.1.2:2380'", removed);
    }

    [Fact]
    public async Task An_interrupted_join_leaves_etcd_before_it_is_repeated()
    {
        Running(_machines[0], Balancer);
        _k.Installed(_machines[1], "node.cluster=k", "node.role=control-plane", "node.state=joining", $"node.server={Balancer}");

        await InitializeAsync(new(null) { ControlPlanes = 3 });

        Assert.Equal(["k-1 etcd", "k-2 join", "k-1 etcd", "k-3 join"], _k.Ran.Where(line => Regex.IsMatch(line, " (etcd|join)$")));
    }

    [Theory]
    [InlineData(5, "ControlPlaneCount", "only 4 machines")]
    [InlineData(1, "ControlPlaneCount", "already has 2 control planes")]
    public async Task A_number_of_control_planes_that_is_not_possible_is_rejected(int count, string errorId, string message)
    {
        Running(_machines[0], Balancer);
        Running(_machines[1], Balancer);

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(new(null) { ControlPlanes = count }));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(_joined);
    }

    [Fact]
    public async Task Workers_do_not_become_control_planes()
    {
        Running(_machines[0], "10.77.1.1");
        foreach (var machine in _machines[1..])
            Worker(machine, "10.77.1.1");

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(new(null) { ControlPlanes = 3 }));

        Assert.Equal("k has 1 control planes and needs 2 more, but only 0 of the machines are not nodes yet.", error.Message);
    }

    [Fact]
    public async Task An_even_number_is_a_warning()
    {
        await InitializeAsync(new(null) { ControlPlanes = 2 });

        Assert.Equal(["k: 2 control planes tolerate the failure of 0, like 1: etcd needs more than half of its members. Use an odd number"],
            _k.Heard.Of(LabEventKind.Warning));
    }

    [Fact]
    public async Task A_cluster_without_an_endpoint_cannot_get_more_control_planes()
    {
        Running(_machines[0], "10.77.1.1", "");

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(new(null) { ControlPlanes = 3 }));

        Assert.Equal("ControlPlaneEndpointMissing", error.ErrorId);
        Assert.Single((await InitializeAsync(new(null))).ControlPlanes);
    }

    [Fact]
    public async Task An_endpoint_of_the_user_needs_no_load_balancer()
    {
        var config = "";
        _k.On("k-1", "init", input =>
        {
            config = input;
            Control("k-1", "10.77.1.1");
            return new(0, "", "");
        });
        _k.On("k-1", "facts", "kubeadm=v1.20.2", "services=10.96.0.0/16", "node.podSubnet=10.244.0.0/16", "node.endpoint=api.example.org:443",
            "mirror.podNetwork=HostRoutes");

        var cluster = await InitializeAsync(new(null) { ControlPlanes = 3, Endpoint = "API.example.org:443" });

        Assert.Equal(("https://api.example.org/", null), ($"{cluster.Server}", cluster.LoadBalancer));
        Assert.Contains("controlPlaneEndpoint: api.example.org:443", config, StringComparison.Ordinal);
        Assert.Contains("ENDPOINT_HOST=''", config, StringComparison.Ordinal);
        Assert.Empty(_k.Provider.Machines);
    }

    [Theory]
    [InlineData("http://api.example.org", "ControlPlaneEndpointInvalid")]
    [InlineData("api.example.org:70000", "ControlPlaneEndpointInvalid")]
    [InlineData("api .example.org", "ControlPlaneEndpointInvalid")]
    public void An_invalid_endpoint_is_rejected(string text, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<KlException>(() => ClusterEndpoint.Parse(text)).ErrorId);

    [Fact]
    public async Task The_endpoint_of_a_running_cluster_cannot_be_changed()
    {
        Running(_machines[0], "10.77.1.1");

        var error = await Assert.ThrowsAsync<KlException>(() => InitializeAsync(new(null) { Endpoint = "api.example.org" }));

        Assert.Equal("ControlPlaneEndpointDiffers", error.ErrorId);
    }

    [Fact]
    public async Task A_provider_without_load_balancers_needs_an_endpoint()
    {
        Machine[] machines = [.. _machines.Select(machine => machine with { Provider = "Ssh" })];

        var error = await Assert.ThrowsAsync<KlException>(
            () => _k.Kubeadm.InitializeAsync(machines, new(null) { ControlPlanes = 3 }, _k.Heard, _k.Failed, default));

        Assert.Equal("LoadBalancerUnsupported", error.ErrorId);
        Assert.DoesNotContain("k-1 init", _k.Ran);
    }

    private Task<KlCluster> InitializeAsync(InitializeOptions options) => _k.Kubeadm.InitializeAsync(_machines, options, _k.Heard, _k.Failed, default);

    private Engine.Remote.CommandResult Join(Machine machine, string input)
    {
        _joined.Add(machine.Name, input);
        _k.Nodes.RemoveAll(node => node.Name == machine.Name);
        Control(machine.Name, $"{machine.Address}");
        return new(0, "", "");
    }

    private void Control(string name, string address) => _k.Nodes.Add(
        Node(name, int.Parse(name[2..], System.Globalization.CultureInfo.InvariantCulture)) with { Address = address, IsControlPlane = true });

    private void Running(Machine machine, string server, string endpoint = "k.kubelab.internal:6443")
    {
        _k.Installed(machine, "kubelet=1", "services=10.96.0.0/16", "node.cluster=k", "node.role=control-plane", "node.state=done", $"node.server={server}",
            $"node.endpoint={endpoint}", "node.podNetwork=HostRoutes", "node.podSubnet=10.244.0.0/16");
        Control(machine.Name, $"{machine.Address}");
    }

    private void Worker(Machine machine, string server)
    {
        _k.Installed(machine, "kubelet=1", "node.cluster=k", "node.role=worker", "node.state=done", $"node.server={server}");
        _k.Nodes.Add(Node(machine.Name, int.Parse(machine.Name[2..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^  server (?<name>\S+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Server();

    [GeneratedRegex(@"^ *certificateKey: (?<key>\S+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CertificateKey();
}
