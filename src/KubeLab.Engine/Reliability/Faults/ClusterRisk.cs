namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Recognizes faults that stop a whole cluster. Pure.</summary>
public static class ClusterRisk
{
    /// <summary>Why faults that begin together stop a cluster, or null.</summary>
    public static string? Of(IReadOnlyList<PlannedFault> faults) =>
        faults.GroupBy(one => one.Target.Cluster).Select(Of).FirstOrDefault(reason => reason is not null);

    private static string? Of(IGrouping<string?, PlannedFault> faults)
    {
        if (faults.Select(one => one.Target.Nodes).FirstOrDefault(one => one is { ControlPlanes.Count: > 0 }) is not { } nodes)
            return null;
        if (!nodes.ControlPlanes.Except(faults.Where(Stops).Select(one => one.Target.Node)).Any())
            return $"{Subject(nodes.ControlPlanes)} of {faults.Key}. The cluster stops for the time of the fault.";
        return IsIsolated(nodes, faults) ? $"{Subject(nodes.ControlPlanes)} of {faults.Key}, and no other node reaches it during the fault." : null;
    }

    private static string Subject(IReadOnlyList<string> names) =>
        names.Count == 1 ? $"{names[0]} is the only control plane" : $"{string.Join(", ", names)} are all control planes";

    // Whether the fault stops the control plane of the target's node.
    private static bool Stops(PlannedFault fault) => (fault.Request.Kind, fault.Target) switch
    {
        (FaultKind.NodeCrash or FaultKind.NodePause, _) => true,
        (FaultKind.ServiceStop, _) => fault.Request.Service is "kube-apiserver" or "etcd" or "containerd",
        (FaultKind.NetworkLoss, { Pod: null }) => fault.Request.Percent >= 100,
        (FaultKind.PodKill or FaultKind.ContainerKill or FaultKind.ContainerPause or FaultKind.DiskFull, { IsControlPlane: true }) => true,
        _ => false,
    };

    // Whether partitions separate the control planes from all other nodes.
    private static bool IsIsolated(ClusterNodes nodes, IEnumerable<PlannedFault> faults)
    {
        var partitions = faults.Where(one => one is { Request.From: not null, Target.Pod: null }).ToList();
        var targets = partitions.Select(one => one.Target.Node).ToHashSet();
        var others = partitions.SelectMany(one => one.Request.From!).Where(one => one.Pod is null).Select(one => one.Node).ToHashSet();
        var workers = nodes.All.Except(nodes.ControlPlanes).ToList();
        return workers.Count > 0 && ((targets.IsSupersetOf(nodes.ControlPlanes) && others.IsSupersetOf(workers))
            || (others.IsSupersetOf(nodes.ControlPlanes) && targets.IsSupersetOf(workers)));
    }
}
