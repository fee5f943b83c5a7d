using KubeLab.Tests.Bootstrap;
using KubeLab.Tests.Kube;
using static KubeLab.Tests.Nodes.RemovalLab;

namespace KubeLab.Tests.Nodes;

public sealed class ClusterResetTests
{
    private const string Reset = "$cluster | Reset-KlCluster -Confirm:$false";

    [Fact]
    public async Task All_machines_are_reset_and_the_context_is_removed()
    {
        await using var lab = await Started();
        var reset = lab.ExpectReset("k-1");
        lab.ExpectReset("k-2");

        var result = lab.Run(Reset, lab.Cluster);

        Assert.Equal(["k-1", "k-2"], result.Good<Machine>().Select(machine => machine.Name).Order());
        Assert.StartsWith("CLUSTER='lab'\nFOREIGN=''\nLEAVE_ETCD=''\nPOD_SUBNET='10.244.0.0/16'\n", Assert.Single(reset), StringComparison.Ordinal);
        Assert.Empty(result.Warnings);
        Assert.False(lab.HasContext);
    }

    [Fact]
    public async Task A_machine_that_cannot_be_cleaned_is_an_error_and_the_next_run_continues()
    {
        await using var lab = await Started();
        lab.ExpectReset("k-1");
        lab.Scripts.On("k-2", "facts", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-2", "could not connect"));

        var result = lab.Run(Reset, lab.Cluster);

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("NodeMachineUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("k-2 was not cleaned: could not connect", error.ToString());
        Assert.Equal("k-1", Assert.Single(result.As<Machine>()).Name);
        Assert.True(lab.HasContext);

        // The API server was on k-1.
        lab.Clean("k-1");
        lab.Joined("k-2", "node.state=removing");
        lab.ExpectReset("k-2");
        lab.Api.On("GET /api/v1/nodes", FakeApi.Status(503, "ServiceUnavailable", "gone"));
        var next = lab.Run(Reset, lab.Cluster);

        Assert.Equal(["k-1", "k-2"], next.Good<Machine>().Select(machine => machine.Name).Order());
        Assert.Contains("only the machines of the lab are cleaned", Assert.Single(next.Warnings), StringComparison.Ordinal);
        Assert.False(lab.HasContext);
    }

    [Fact]
    public async Task Machines_of_other_clusters_are_not_changed()
    {
        await using var lab = await Started();
        lab.Provider.Machines.Add(FakeCluster.Machine("k-3", 3, "lab"));
        lab.Joined("k-3", "node.cluster=other");
        lab.Provider.Machines.Add(FakeCluster.Machine("k-4", 4, "lab"));
        lab.Scripts.On("k-4", "facts", "kubeadm=v1.30.1", "kubelet=1");
        lab.ExpectReset("k-1");
        lab.ExpectReset("k-2");

        var result = lab.Run(Reset, lab.Cluster);

        Assert.Equal(["k-1", "k-2"], result.Good<Machine>().Select(machine => machine.Name).Order());
        Assert.Equal(["k-4: it has a Kubernetes installation that KubeLab did not create, which was not changed"], result.Warnings);
    }

    [Fact]
    public async Task Nodes_of_other_labs_are_cleaned_and_unknown_machines_are_reported()
    {
        await using var lab = await StartAsync(1);
        var cluster = lab.Cluster;
        lab.Provider.Machines.Add(FakeCluster.Machine("m-1", 7, "more"));
        lab.Joined("m-1");
        lab.ExpectReset("k-1");
        lab.ExpectReset("m-1");
        lab.Nodes(Node("k-1", 1, ControlPlane), Node("m-1", 7), Node("far", 9)).Configured();

        var result = lab.Run(Reset, cluster);

        Assert.Equal(["k-1", "m-1"], result.Good<Machine>().Select(machine => machine.Name).Order());
        Assert.Equal(["far: the node of lab was not cleaned, because no provider has its machine"], result.Warnings);
    }

    [Fact]
    public async Task A_cluster_is_found_by_its_name()
    {
        await using var lab = await StartAsync(1);
        lab.Provider.Machines[0] = lab.Provider.Machines[0] with { ApiEndpoint = new Uri(lab.Api.Url).Authority };
        lab.Api.On("GET /readyz", FakeApi.Json("ok"));
        lab.Nodes(Node("k-1", 1, ControlPlane)).Nodes(Node("k-1", 1, ControlPlane)).Configured();
        lab.ExpectReset("k-1");
        Assert.Single(lab.Run("Reset-KlCluster lab -Confirm:$false").Good<Machine>());
        Assert.Equal("ClusterNotFound,KubeLab.Cmdlets.Clusters.ResetKlCluster",
            Assert.Single(lab.Run("Reset-KlCluster lab -Confirm:$false").Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task WhatIf_names_the_machines_and_changes_nothing()
    {
        await using var lab = await StartAsync(2);
        Assert.Contains("lab (k-1, k-2)", lab.Run("$cluster | Reset-KlCluster -WhatIf", lab.Cluster).Screen, StringComparison.Ordinal);
        Assert.Empty(lab.Api.Seen);
        Assert.Empty(lab.Scripts.Ran);
    }

    private static async Task<RemovalLab> Started() =>
        (await StartAsync(2)).Nodes(Node("k-1", 1, ControlPlane), Node("k-2", 2)).Configured();
}
