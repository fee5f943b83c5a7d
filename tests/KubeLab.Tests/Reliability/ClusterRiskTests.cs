using KubeLab.Engine.Reliability.Faults;

namespace KubeLab.Tests.Reliability;

public sealed class ClusterRiskTests
{
    private static readonly ClusterNodes One = new(["c1", "w1", "w2"], ["c1"]), Three = new(["c1", "c2", "c3", "w1"], ["c1", "c2", "c3"]);

    [Theory]
    [InlineData(FaultKind.NodeCrash, "c1", true)]
    [InlineData(FaultKind.NodePause, "c1 w1", true)]
    [InlineData(FaultKind.NodeCrash, "w1 w2", false)]
    [InlineData(FaultKind.CpuStress, "c1", false)]
    public void A_fault_of_the_only_control_plane_stops_the_cluster(FaultKind kind, string nodes, bool stops) =>
        Assert.Equal(stops, ClusterRisk.Of(Nodes(One, new(kind), nodes)) is not null);

    [Theory]
    [InlineData("c1 c2 c3", "c1, c2, c3 are all control planes of lab. The cluster stops for the time of the fault.")]
    [InlineData("c1 c3", null)]
    public void All_control_planes_together_stop_the_cluster(string nodes, string? risk) =>
        Assert.Equal(risk, ClusterRisk.Of(Nodes(Three, new(FaultKind.NodeCrash), nodes)));

    [Theory]
    [InlineData("etcd", true)]
    [InlineData("kubelet", false)]
    public void Only_some_services_stop_the_cluster(string service, bool stops) =>
        Assert.Equal(stops, ClusterRisk.Of(Nodes(One, new(FaultKind.ServiceStop) { Service = service }, "c1")) is not null);

    [Theory]
    [InlineData(100, true)]
    [InlineData(50, false)]
    public void A_network_that_loses_everything_stops_the_cluster(double percent, bool stops) =>
        Assert.Equal(stops, ClusterRisk.Of(Nodes(One, new(FaultKind.NetworkLoss) { Percent = percent }, "c1")) is not null);

    [Theory]
    [InlineData(FaultKind.ContainerKill, "etcd", true)]
    [InlineData(FaultKind.ContainerPause, "kube-apiserver", true)]
    [InlineData(FaultKind.ContainerKill, "kube-scheduler", false)]
    [InlineData(FaultKind.CpuStress, "etcd", false)]
    public void A_fault_of_a_pod_of_the_only_control_plane_stops_the_cluster(FaultKind kind, string component, bool stops) =>
        Assert.Equal(stops, ClusterRisk.Of([new(new(kind), new()
        {
            Name = $"kube-system/{component}-c1", Cluster = "lab", Node = "c1", Nodes = One,
            Pod = new() { Metadata = new() { NamespaceProperty = "kube-system", Labels = new Dictionary<string, string> { ["component"] = component } } },
        })]) is not null);

    [Theory]
    [InlineData("c1", "w1 w2", true)]
    [InlineData("w1 w2", "c1", true)]
    [InlineData("c1", "w1", false)]
    [InlineData("w1", "w2", false)]
    public void A_partition_that_isolates_the_only_control_plane_stops_the_cluster(string nodes, string from, bool stops)
    {
        var request = new FaultRequest(FaultKind.NetworkPartition) { From = [.. Nodes(One, new(FaultKind.NetworkPartition), from).Select(one => one.Target)] };
        Assert.Equal(stops, ClusterRisk.Of(Nodes(One, request, nodes)) is not null);
    }

    private static List<PlannedFault> Nodes(ClusterNodes nodes, FaultRequest request, string names) =>
        [.. names.Split(' ').Select(name => new PlannedFault(request, new() { Name = name, Node = name, Cluster = "lab", Nodes = nodes }))];
}
