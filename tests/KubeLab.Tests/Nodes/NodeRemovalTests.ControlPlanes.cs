using KubeLab.Tests.Kube;
using static KubeLab.Tests.Nodes.RemovalLab;

namespace KubeLab.Tests.Nodes;

/// <summary>Control planes, which are members of etcd.</summary>
public sealed partial class NodeRemovalTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-Force")]
    public async Task The_only_control_plane_is_not_removed(string force)
    {
        await using var lab = await Started();
        var error = Assert.Single(lab.Run($"Remove-KlNode k-1 {force} -Confirm:$false").Errors);
        Assert.StartsWith("LastControlPlane,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("Reset-KlCluster removes the whole cluster.", error.ErrorDetails.RecommendedAction);
        AssertUnchanged(lab);
    }

    [Theory]
    [InlineData("k-1 k-2 k-3", "k-1 k-3", true)]
    [InlineData("k-1 k-2 k-3", "k-1", false)]
    [InlineData("k-1 k-2", "k-1", true)]
    [InlineData("k-1 k-2 k-3", "k-1 k-3", true, "k-1")]
    [InlineData("k-1 k-2 k-3", "k-1", false, "k-1 k-2 k-3")]
    [InlineData("k-1 k-2 k-3", null, true, "k-1 k-3")]
    [InlineData("k-1 k-2 k-3", null, false, "k-1 k-2")]
    [InlineData("k-1 k-2 k-3", null, false, "k-1 k-3", false)]
    public async Task A_control_plane_leaves_etcd_only_if_the_others_keep_the_quorum(
        string members, string? healthy, bool isRemoved, string ready = "", bool isReady = true)
    {
        await using var lab = await StartAsync(3);
        var reset = lab.ExpectReset("k-2");
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, ControlPlane), Node("k-3", 3, ControlPlane, isReady));
        lab.Api.On("GET /api/v1/namespaces/kube-system/pods", FakeApi.Json(List([.. members.Split(' ').Select(node => Etcd(node, ready))])));
        if (healthy is null)
            lab.Scripts.On("k-1", "etcd", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-1", "no response"));
        else
            lab.Scripts.On("k-1", "etcd", $"members={Urls(members)}", $"healthy={Urls(healthy)}");
        lab.Volumes().Drained("k-2").Configured().Deleted("k-2");

        var result = lab.Run(Remove);

        Assert.Equal(isRemoved ? [] : ["EtcdQuorum"], result.Errors.Select(IdOf));
        Assert.Equal(isRemoved, lab.Api.Seen.Contains(Delete));
        Assert.All(reset, input => Assert.Contains("\nLEAVE_ETCD='1'\n", input, StringComparison.Ordinal));
        Assert.Equal(isRemoved ? 1 : 0, reset.Count);
    }

    [Fact]
    public async Task A_lost_control_plane_is_removed_from_etcd_by_another_one()
    {
        await using var lab = await StartAsync(3);
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, ControlPlane, isReady: false), Node("k-3", 3, ControlPlane)).Deleted("k-2");
        lab.Api.On("GET /api/v1/namespaces/kube-system/pods",
            FakeApi.Json(List([.. new[] { "k-1", "k-2", "k-3" }.Select(node => Etcd(node, "k-1 k-3"))])));
        lab.Provider.Machines[1] = lab.Provider.Machines[1] with { State = "Stopped" };
        var script = "";
        lab.Scripts.On("k-1", "etcd", input =>
        {
            script = input;
            return new(0, $"::fact members={Urls("k-1 k-2 k-3")}\n::fact healthy={Urls("k-1 k-3")}\n", "");
        });

        Assert.Single(lab.Run($"{Remove} -Force").Warnings);

        Assert.Contains("MEMBER='k-2'\nPEER='https://10.77.1.2:2380'\n", script, StringComparison.Ordinal);
        Assert.Contains(Delete, lab.Api.Seen);
    }

    [Fact]
    public async Task Control_planes_are_removed_one_after_another()
    {
        await using var lab = await StartAsync(3);
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, ControlPlane)).Nodes(Node("k-1", 1, ControlPlane));
        lab.Api.On("GET /api/v1/namespaces/kube-system/pods", FakeApi.Json(List()));
        lab.Volumes().Drained("k-2").Configured().Deleted("k-2");
        lab.ExpectReset("k-2");
        Assert.Equal(["LastControlPlane"], lab.Run("'k-2', 'k-1' | Remove-KlNode -Name { $_ } -Confirm:$false").Errors.Select(IdOf));
        Assert.Contains(Delete, lab.Api.Seen);
    }

    [Fact]
    public async Task The_control_plane_that_the_kubeconfig_uses_is_not_removed()
    {
        await using var lab = await StartAsync(3);
        lab.Provider.Machines[1] = lab.Provider.Machines[1] with { ApiEndpoint = new Uri(lab.Api.Url).Authority };
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, ControlPlane));
        Assert.Equal(["ApiServerInUse"], lab.Run(Remove).Errors.Select(IdOf));
        AssertUnchanged(lab);
    }

    private static string Urls(string names) => string.Join(' ', names.Split(' ').Select(name => $"https://10.77.1.{name[2..]}:2379"));

    private static string Etcd(string node, string healthy) =>
        $$$"""{"metadata":{"name":"etcd-{{{node}}}","namespace":"kube-system"},"spec":{"nodeName":"{{{node}}}"},"status":{"conditions":["""
            + $$$"""{"type":"Ready","status":"{{{(healthy.Split(' ').Contains(node) ? "True" : "False")}}}"}]}}""";
}
