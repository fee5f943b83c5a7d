using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>How a machine is removed from its cluster.</summary>
/// <param name="Cluster">The cluster.</param>
internal sealed record NodeReset(string Cluster)
{
    /// <summary>The pod subnets of the cluster, separated by commas, or null if they are unknown.</summary>
    public string? PodSubnet { get; init; }

    /// <summary>KubeLab did not create the node.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The machine runs a member of etcd, and there are others.</summary>
    public bool LeavesEtcd { get; init; }
}

/// <summary>kubeadm reset.</summary>
public sealed partial class Kubeadm
{
    /// <summary>Reads the state of a machine, with or without kubeadm.</summary>
    internal async Task<NodeFacts> StateAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop) =>
        new(await RunAsync(machine, "facts", [], ErrorIds.FactsFailed, events, stop));

    /// <summary>Runs kubeadm reset and removes what it leaves. Continues an interrupted run. Does nothing if the machine is not a node.</summary>
    /// <exception cref="KlException">ResetFailed, EtcdNotLeft, MachineInUse, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    internal Task ResetAsync(Machine machine, NodeReset reset, IProgress<LabEvent> events, CancellationToken stop) => RunAsync(machine, "reset", new()
    {
        ["CLUSTER"] = reset.Cluster,
        ["FOREIGN"] = reset.IsForeign ? "1" : "",
        ["LEAVE_ETCD"] = reset.LeavesEtcd ? "1" : "",
        ["POD_SUBNET"] = reset.PodSubnet,
    }, ErrorIds.ResetFailed, events, stop);
}
