using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Checks whether the target of a fault is healthy again.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="onMachines">Asks machines.</param>
/// <param name="fault">The fault.</param>
/// <param name="target">The target as it was before the fault.</param>
internal sealed class FaultRecovery(KubeSession kube, MachineFaults onMachines, KlFault fault, FaultTarget target)
{
    /// <summary>Returns what is not healthy, or null.</summary>
    public async Task<string?> CheckAsync(CancellationToken stop)
    {
        try
        {
            if (target.Pod is null && target.Machine is { } machine && await onMachines.ProblemAsync(machine, stop) is { } problem)
                return $"{problem}.";
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

    private async Task<string?> NodeProblemAsync(KubeApi api, string name, CancellationToken stop)
    {
        if (await api.FindAsync<V1Node>(name, null, stop) is not { } node || !KlNode.IsReady(node))
            return $"the node {name} is not Ready.";
        await foreach (var pod in api.ListAsync<V1Pod>(null, new KubeSelector(Fields: KubeSelector.Field("spec.nodeName", name)), stop))
            if (pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed")
                && (!IsReady(pod) || (fault.Kind == FaultKind.NodeCrash && !RestartedAfter(pod, fault.Started))))
                return $"the pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} is not ready.";
        return null;
    }

    // A controller replaces a pod that was deleted. Then a ready replacement counts, which is younger than the fault.
    private async Task<string?> PodProblemAsync(KubeApi api, V1Pod before, CancellationToken stop)
    {
        var (ns, name) = (before.Metadata.NamespaceProperty, before.Metadata.Name);
        var now = await api.FindAsync<V1Pod>(name, ns, stop);
        if (now?.Metadata.Uid == before.Metadata.Uid && now.Metadata.DeletionTimestamp is null && fault.Kind != FaultKind.PodKill)
            return IsReady(now) && (fault.Kind != FaultKind.ContainerKill || Restarts(now) > Restarts(before)) ? null : $"the pod {ns}/{name} is not ready.";
        if (before.Metadata.OwnerReferences?.FirstOrDefault(one => one.Controller == true) is not { } owner)
            return $"the pod {ns}/{name} was deleted, and no controller replaces it.";
        await foreach (var pod in api.ListAsync<V1Pod>(ns, new KubeSelector(), stop))
            if (pod.Metadata.OwnerReferences?.Any(one => one.Uid == owner.Uid) == true && pod.Metadata.DeletionTimestamp is null && IsReady(pod)
                && pod.Metadata.CreationTimestamp > before.Metadata.CreationTimestamp && pod.Metadata.CreationTimestamp >= fault.Started.AddSeconds(-1))
                return null;
        return $"no new pod of {owner.Kind} {ns}/{owner.Name} is ready.";
    }

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;

    private static int Restarts(V1Pod pod) => pod.Status?.ContainerStatuses?.Sum(one => one.RestartCount) ?? 0;

    // Until the kubelet has reported, the API server shows the state before the crash.
    private static bool RestartedAfter(V1Pod pod, DateTimeOffset time) =>
        pod.Status?.ContainerStatuses?.All(one => one.State?.Running?.StartedAt is { } started && started >= time.AddSeconds(-1)) == true;
}
