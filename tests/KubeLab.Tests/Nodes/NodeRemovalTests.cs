using KubeLab.Engine.Remote;
using KubeLab.Tests.Kube;
using static KubeLab.Tests.Nodes.RemovalLab;

namespace KubeLab.Tests.Nodes;

public sealed partial class NodeRemovalTests
{
    private const string Remove = "Remove-KlNode k-2 -Confirm:$false";
    private const string Delete = "DELETE /api/v1/nodes/k-2?propagationPolicy=Background";

    [Fact]
    public async Task A_node_is_drained_before_its_machine_is_reset_and_deleted_afterwards()
    {
        await using var lab = await Started();
        lab.Volumes().Drained("k-2").Configured().Deleted("k-2");
        var before = new List<string>();
        var reset = lab.ExpectReset("k-2", () => before.AddRange(lab.Api.Seen));

        var result = lab.Run($"{Remove} -PassThru");

        Assert.Equal("k-2", Assert.Single(result.Good<Machine>()).Name);
        Assert.Contains(before, seen => seen.StartsWith("PATCH /api/v1/nodes/k-2", StringComparison.Ordinal));
        Assert.DoesNotContain(Delete, before);
        Assert.Equal(Delete, lab.Api.Seen.Last());
        Assert.StartsWith("CLUSTER='lab'\nFOREIGN=''\nLEAVE_ETCD=''\nPOD_SUBNET='10.244.0.0/16'\n", Assert.Single(reset), StringComparison.Ordinal);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task Nodes_from_the_pipeline_are_removed_and_return_nothing_by_default()
    {
        await using var lab = await Started();
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2)).Volumes().Drained("k-2").Configured().Deleted("k-2");
        lab.ExpectReset("k-2");
        Assert.Empty(lab.Run("Get-KlNode k-2 | Remove-KlNode -Confirm:$false").Good<object>());
        Assert.Contains(Delete, lab.Api.Seen);
    }

    [Fact]
    public async Task WhatIf_changes_nothing()
    {
        await using var lab = await StartAsync(2);
        Assert.Contains("Drain the node, reset its machine and delete the node", lab.Run("Remove-KlNode k-2 -WhatIf").Screen, StringComparison.Ordinal);
        Assert.Empty(lab.Api.Seen);
    }

    [Theory]
    [InlineData("gone", "NodeMachineNotFound", "no provider has a machine with this name and the address 10.77.1.2")]
    [InlineData("address", "NodeMachineNotFound", "no provider has a machine with this name and the address 10.77.1.2")]
    [InlineData("stopped", "NodeMachineUnreachable", "its machine is Stopped")]
    [InlineData("unreachable", "NodeMachineUnreachable", "could not connect")]
    [InlineData("moved", "MachineInUse", "its machine is now a node of other")]
    public async Task A_node_whose_machine_cannot_be_cleaned_is_an_error_and_with_Force_only_the_node_object_is_deleted(
        string state, string errorId, string reason)
    {
        await using var lab = await Started(isReady: false);
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, isReady: false)).Deleted("k-2");
        switch (state)
        {
            case "gone":
                lab.Provider.Machines.RemoveAt(1);
                break;
            case "address":
                lab.Provider.Machines[1] = Bootstrap.FakeCluster.Machine("k-2", 77, "other");
                break;
            case "stopped":
                lab.Provider.Machines[1] = lab.Provider.Machines[1] with { State = "Stopped" };
                break;
            case "unreachable":
                lab.Scripts.On("k-2", "facts", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-2", "could not connect"));
                break;
            default:
                lab.Joined("k-2", "node.cluster=other");
                break;
        }

        var error = Assert.Single(lab.Run(Remove).Errors);

        Assert.Equal(errorId, IdOf(error));
        Assert.Contains($"k-2 was not removed from lab: {reason}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        AssertUnchanged(lab);

        var forced = lab.Run($"{Remove} -Force -PassThru");

        Assert.Empty(forced.Good<Machine>());
        Assert.Contains($"the machine was not cleaned: {reason}", Assert.Single(forced.Warnings), StringComparison.Ordinal);
        Assert.Contains(Delete, lab.Api.Seen);
        Assert.DoesNotContain(lab.Scripts.Ran, ran => ran.EndsWith(" reset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Ready_node_of_an_unknown_machine_is_drained_before_it_is_deleted()
    {
        await using var lab = await Started();
        lab.Provider.Machines.RemoveAt(1);
        lab.Drained("k-2").Deleted("k-2");
        Assert.Single(lab.Run($"{Remove} -Force").Warnings);
        Assert.Equal(["PATCH /api/v1/nodes/k-2", "DELETE /api/v1/nodes/k-2"],
            lab.Api.Seen.Where(seen => !seen.StartsWith("GET ", StringComparison.Ordinal)).Select(seen => seen.Split('?')[0]));
    }

    [Theory]
    [InlineData("node.state=removing")]
    [InlineData("kubelet=0")]
    public async Task An_interrupted_run_continues_without_draining_again(string fact)
    {
        await using var lab = await Started();
        lab.Joined("k-2", fact);
        lab.Configured().Deleted("k-2");
        var reset = lab.ExpectReset("k-2");
        Assert.Empty(lab.Run(Remove).Good<object>());
        Assert.Single(reset);
        Assert.Contains(Delete, lab.Api.Seen);
    }

    [Fact]
    public async Task A_machine_whose_node_is_already_deleted_is_cleaned()
    {
        await using var lab = await StartAsync(2);
        lab.Nodes(Node("k-1", 1, ControlPlane)).Configured();
        lab.ExpectReset("k-2");
        Assert.Equal("k-2", Assert.Single(lab.Run($"{Remove} -PassThru").Good<Machine>()).Name);
        Assert.Contains("k-2 reset", lab.Scripts.Ran);
    }

    [Theory]
    [InlineData("clean", "Node 'k-2' was not found in cluster 'lab'.")]
    [InlineData("stopped", "Node 'k-2' was not found in cluster 'lab'. Whether the machine is clean is unknown: its machine is Stopped")]
    public async Task A_name_that_is_neither_a_node_nor_an_unclean_machine_is_not_found(string state, string message)
    {
        await using var lab = await StartAsync(2);
        lab.Nodes(Node("k-1", 1, ControlPlane));
        lab.Clean("k-2");
        if (state == "stopped")
            lab.Provider.Machines[1] = lab.Provider.Machines[1] with { State = "Stopped" };
        var error = Assert.Single(lab.Run(Remove).Errors);
        Assert.Equal("NodeNotFound", IdOf(error));
        Assert.Equal(message, error.ToString());
    }

    [Fact]
    public async Task A_node_with_the_only_data_of_a_volume_is_removed_only_with_Force()
    {
        await using var lab = await Started();
        lab.Volumes(Volume("db", "k-2"), Volume("other", "k-1"), Volume("old", "k-2", "Released"));

        var error = Assert.Single(lab.Run(Remove).Errors);

        Assert.Equal("NodeHasVolumes", IdOf(error));
        Assert.Contains("the data of these volumes: default/db.", error.ToString(), StringComparison.Ordinal);
        AssertUnchanged(lab);

        lab.Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2)).Drained("k-2").Configured().Deleted("k-2");
        lab.ExpectReset("k-2");
        Assert.Empty(lab.Run($"{Remove} -Force").Good<object>());
    }

    [Fact]
    public async Task A_node_that_cannot_be_drained_is_not_reset()
    {
        await using var lab = await Started();
        lab.Volumes();
        lab.Api.On("GET /api/v1/nodes/k-2", FakeApi.Json(Node("k-2", 2)))
            .On("GET /api/v1/pods", FakeApi.Json(List("""{"metadata":{"name":"web","namespace":"default"},"spec":{},"status":{"phase":"Running"}}""")));
        Assert.Equal(["DrainRefused"], lab.Run(Remove).Errors.Select(IdOf));
        AssertUnchanged(lab);
    }

    [Fact]
    public async Task With_Force_a_node_that_is_not_Ready_is_removed_without_eviction()
    {
        await using var lab = await Started(isReady: false);
        lab.Configured().Deleted("k-2");
        lab.ExpectReset("k-2");
        var result = lab.Run($"{Remove} -Force");
        Assert.Empty(result.Errors);
        Assert.Contains("k-2: the node is not Ready, so its pods are removed without eviction", result.Warnings);
    }

    [Fact]
    public async Task A_node_stays_in_its_cluster_if_its_machine_could_not_be_reset()
    {
        await using var lab = await Started();
        lab.Volumes().Drained("k-2").Configured();
        lab.Scripts.On("k-2", "reset", _ => new CommandResult(3, "::error ResetFailed these containers could not be removed: a\n", ""));
        var error = Assert.Single(lab.Run(Remove).Errors);
        Assert.Equal("ResetFailed", IdOf(error));
        Assert.DoesNotContain(Delete, lab.Api.Seen);
    }

    [Fact]
    public async Task A_node_that_kubeadm_joined_without_KubeLab_is_removed_as_well()
    {
        await using var lab = await Started();
        lab.Scripts.On("k-2", "facts", "kubeadm=v1.30.1", "kubelet=1");
        lab.Volumes().Drained("k-2").Configured().Deleted("k-2");
        var reset = lab.ExpectReset("k-2");
        Assert.Empty(lab.Run(Remove).Good<object>());
        Assert.Contains("\nFOREIGN='1'\n", Assert.Single(reset), StringComparison.Ordinal);
    }

    private static async Task<RemovalLab> Started(bool isReady = true) =>
        (await StartAsync(2)).Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2, isReady: isReady));

    private static string IdOf(System.Management.Automation.ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    private static void AssertUnchanged(RemovalLab lab)
    {
        Assert.All(lab.Api.Seen, seen => Assert.StartsWith("GET ", seen, StringComparison.Ordinal));
        Assert.DoesNotContain(lab.Scripts.Ran, ran => ran.EndsWith(" reset", StringComparison.Ordinal));
    }

    private static string Volume(string claim, string node, string phase = "Bound") =>
        $$$"""{"metadata":{"name":"default.{{{claim}}}"},"spec":{"claimRef":{"namespace":"default","name":"{{{claim}}}"},"nodeAffinity":{"required":"""
            + """{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["""
            + $"\"{node}\"]}}]}}]}}}}}},\"status\":{{\"phase\":\"{phase}\"}}}}";
}
