using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed class ClustersTests : IDisposable
{
    private readonly FakeCluster _k = new();
    private readonly FakeProvider _provider = new();
    private readonly ClusterInventory _clusters;

    public ClustersTests()
    {
        _clusters = new([_provider], _k, _k.Hosts, TimeProvider.System);
        for (var number = 1; number <= 3; number++)
        {
            _provider.Machines.Add(Machine($"k-{number}", number));
            _k.Nodes.Add(Node($"k-{number}", number));
        }
        _k.Contexts["k"] = new("https://127.0.0.1:21001");
    }

    public void Dispose() => _k.Dispose();

    [Fact]
    public async Task A_cluster_is_found_by_its_context_and_machines()
    {
        var cluster = await _clusters.FindAsync("k", _k.Heard, default);

        Assert.Equal("k-1", cluster!.ControlPlane.Name);
        Assert.Equal(["k-1", "k-2", "k-3"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(("1.20.2", 3), (cluster.Version, cluster.ReadyNodes));
        Assert.Null(await _clusters.FindAsync("other", _k.Heard, default));
    }

    [Fact]
    public async Task Problems_of_machines_nodes_and_objects_are_reported()
    {
        _provider.Machines[2] = _provider.Machines[2] with { State = "Stopped" };
        _k.Nodes[2] = Node("k-3", 3, isReady: false);
        _k.Missing.Add(new("DaemonSet kube-system/kube-proxy", "addon/kube-proxy"));
        _k.On("k-1", "facts", "kubeadm=v1.20.2", "stopped=");
        _k.On("k-2", "facts", "kubeadm=v1.20.2", "stopped=containerd (without its CRI plugin),kubelet (inactive)");

        var cluster = (await _clusters.ExamineAsync(await _clusters.ListAsync(_ => true, _k.Heard, default), _k.Heard, default)).Single();

        Assert.Equal(
            [
                "k-3 is not Ready: container runtime network not ready", "k-2: not running: containerd (without its CRI plugin), kubelet (inactive)",
                "k-3 is Stopped", "missing: DaemonSet kube-system/kube-proxy",
            ], cluster.Problems);
        Assert.Equal(cluster.Problems.Select(problem => $"k: {problem}"), _k.Heard.Of(LabEventKind.Warning));
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(29, "expires")]
    [InlineData(-1, "expired")]
    public async Task A_certificate_that_expires_soon_is_a_problem(int days, string? verb)
    {
        var end = DateTimeOffset.UtcNow.AddDays(days);
        _k.On("k-1", "facts", "kubeadm=v1.20.2", $"expires={end.ToUnixTimeSeconds()}", "stopped=kubelet (failed)");
        _k.On("k-2", "facts", "kubeadm=v1.20.2", "expires=999999999999999");
        _k.On("k-3", "facts", "kubeadm=v1.20.2", "expires=");

        var cluster = (await _clusters.ExamineAsync(await _clusters.ListAsync(_ => true, _k.Heard, default), _k.Heard, default)).Single();

        string[] expected = verb is null ? [] : [$"k-1: a certificate of kubeadm {verb} on {end:yyyy-MM-dd}"];
        Assert.Equal(["k-1: not running: kubelet (failed)", .. expected], cluster.Problems);
    }

    [Fact]
    public async Task A_machine_that_cannot_be_checked_is_a_problem()
    {
        foreach (var machine in new[] { "k-1", "k-2" })
            _k.On(machine, "facts", "kubeadm=v1.20.2");
        _k.On("k-3", "facts", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-3", "could not connect"));

        var cluster = (await _clusters.ExamineAsync(await _clusters.ListAsync(_ => true, _k.Heard, default), _k.Heard, default)).Single();

        Assert.Equal(["could not check the services of k-3: could not connect"], cluster.Problems);
    }

    [Fact]
    public async Task A_context_without_a_machine_is_a_warning()
    {
        _provider.Machines.RemoveAll(machine => machine.Name == "k-1");

        Assert.Empty(await _clusters.ListAsync(_ => true, _k.Heard, default));
        Assert.Contains("127.0.0.1:21001 does not belong to a machine", _k.Heard.Of(LabEventKind.Warning).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_is_drained_and_removed_from_its_cluster_first()
    {
        await RemoveAsync("k-3");

        Assert.Equal(["k-3"], _k.Drained);
        Assert.Equal(["k-1", "k-2"], _k.Nodes.Select(node => node.Name));
        Assert.Equal(["k-3"], _provider.Deleted);
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task The_context_is_removed_with_the_control_plane()
    {
        await RemoveAsync("k-1", "k-2", "k-3");

        Assert.Equal(["k-1", "k-2", "k-3"], _provider.Deleted.Order());
        Assert.Empty(_k.Drained);
        Assert.Empty(_k.Contexts);
    }

    [Fact]
    public async Task The_context_is_kept_if_the_control_plane_cannot_be_removed()
    {
        _provider.Stuck = "k-1";

        await RemoveAsync("k-1", "k-2", "k-3");

        Assert.Equal(["k-1"], _k.Failures.Keys);
        Assert.Equal(["k-2", "k-3"], _provider.Deleted.Order());
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task The_context_of_a_lost_control_plane_is_removed_with_the_last_machine()
    {
        _provider.Machines.RemoveAll(machine => machine.Name == "k-1");
        await RemoveAsync("k-2");
        Assert.Contains("k", _k.Contexts.Keys);
        await RemoveAsync("k-3");
        Assert.Empty(_k.Contexts);
    }

    [Fact]
    public async Task A_cluster_behind_a_load_balancer_has_a_control_plane_that_runs()
    {
        Balanced();
        _provider.Machines[0] = _provider.Machines[0] with { State = "Stopped" };

        var cluster = await _clusters.FindAsync("k", _k.Heard, default);

        Assert.Equal(("k-2", "k-lb"), (cluster!.ControlPlane.Name, cluster.LoadBalancer?.Name));
        Assert.Equal(["k-2", "k-1"], cluster.ControlPlanes.Select(machine => machine.Name));
        Assert.Equal(["k-2", "k-1", "k-3"], cluster.Machines.Select(machine => machine.Name));
    }

    [Fact]
    public async Task A_cluster_with_an_endpoint_of_the_user_is_found_by_its_control_planes()
    {
        Balanced();
        _k.Contexts["k"] = new("https://api.example.org:443");

        var cluster = await _clusters.FindAsync("k", _k.Heard, default);

        Assert.Equal(("k-1", null), (cluster!.ControlPlane.Name, cluster.LoadBalancer));
        Assert.Equal(["k-1", "k-2", "k-3"], cluster.Machines.Select(machine => machine.Name));
    }

    [Fact]
    public async Task One_of_several_control_planes_leaves_etcd_before_its_machine_is_removed()
    {
        Balanced();
        _k.On("k-2", "etcd");

        await RemoveAsync("k-1");

        Assert.Equal(["k-2 etcd"], _k.Ran);
        Assert.Equal(["k-2", "k-3"], _k.Nodes.Select(node => node.Name));
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task The_context_is_kept_if_only_the_load_balancer_is_removed()
    {
        Balanced();
        await RemoveAsync("k-lb");
        Assert.Contains("k", _k.Contexts.Keys);
        await RemoveAsync("k-1", "k-2", "k-3");
        Assert.Empty(_k.Contexts);
    }

    private void Balanced()
    {
        _provider.Machines.Add(Machine("k-lb", 99));
        _k.Contexts["k"] = new("https://127.0.0.1:21099");
        foreach (var index in (int[])[0, 1])
            _k.Nodes[index] = _k.Nodes[index] with { IsControlPlane = true };
    }

    private Task RemoveAsync(params string[] names) =>
        _clusters.RemoveAsync([.. _provider.Machines.Where(machine => names.Contains(machine.Name))], _k.Heard, _k.Failed, default);
}
