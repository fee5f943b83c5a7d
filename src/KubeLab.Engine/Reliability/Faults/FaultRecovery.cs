using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Checks whether the target of a fault is as healthy as before.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="onMachines">Asks machines.</param>
/// <param name="kind">The kind of the fault.</param>
/// <param name="target">The target.</param>
/// <param name="before">The target before the fault.</param>
internal sealed class FaultRecovery(KubeSession kube, MachineFaults onMachines, FaultKind kind, FaultTarget target, FaultBaseline before)
{
    /// <summary>Returns what is not healthy, or null.</summary>
    public async Task<string?> CheckAsync(CancellationToken stop)
    {
        try
        {
            if (target.Pod is null && target.Machine is { } machine && await MachineProblemAsync(machine, stop) is { } problem)
                return problem;
            if (target.Cluster is null)
                return null;
            using var api = kube.Open(target.Cluster);
            return target.Pod is { } pod ? await PodProblemAsync(api, pod, stop) : await NodeProblemAsync(api, target.Node!, stop);
        }
        catch (KlException error)
        {
            return error.Message;
        }
    }

    private async Task<string?> MachineProblemAsync(Machine machine, CancellationToken stop)
    {
        var (problem, boot) = await onMachines.HealthAsync(machine, stop);
        return before.Boot is not null && boot == before.Boot ? "the machine has not restarted." : problem;
    }

    private async Task<string?> NodeProblemAsync(KubeApi api, string name, CancellationToken stop)
    {
        if (await api.FindAsync<V1Node>(name, null, stop) is not { } node || !KlNode.IsReady(node))
            return $"the node {name} is not Ready.";
        var ready = before.Ready.ToDictionary(one => one.Metadata.Uid);
        await foreach (var pod in FaultBaseline.OnNode(api, name, stop))
            // Until the kubelet has reported, the API server shows the containers from before a crash.
            if (ready.TryGetValue(pod.Metadata.Uid, out var was) && pod.Metadata.DeletionTimestamp is null
                && (!FaultBaseline.IsReady(pod) || (kind == FaultKind.NodeCrash && !FaultBaseline.IsRestarted(was, pod))))
                return $"the pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} is not ready.";
        return null;
    }

    // A controller replaces a pod that was deleted. Then as many pods as before have to be Ready, one of them a new one.
    private async Task<string?> PodProblemAsync(KubeApi api, V1Pod pod, CancellationToken stop)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        var now = await api.FindAsync<V1Pod>(name, ns, stop);
        var ready = before.Ready.ToList();
        if (now?.Metadata.Uid == pod.Metadata.Uid && now.Metadata.DeletionTimestamp is null && kind != FaultKind.PodKill)
            return (FaultBaseline.IsReady(now) || !ready.Exists(one => one.Metadata.Uid == pod.Metadata.Uid))
                && (kind != FaultKind.ContainerKill || FaultBaseline.Restarts(now) > FaultBaseline.Restarts(pod))
                ? null : $"the pod {ns}/{name} is not ready.";
        if (FaultBaseline.ControllerOf(pod) is not { } owner)
            return $"the pod {ns}/{name} was deleted, and no controller replaces it.";
        var replaced = await FaultBaseline.OfController(api, pod, stop).Where(FaultBaseline.IsReady).ToListAsync(stop);
        return replaced.Count >= ready.Count && replaced.Exists(one => before.Pods.All(known => known.Metadata.Uid != one.Metadata.Uid))
            ? null : $"no new pod of {owner.Kind} {ns}/{owner.Name} is ready.";
    }
}
