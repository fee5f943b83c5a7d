using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>What a target was like before a fault. Recovery is judged by what has changed since, because computers have different clocks.</summary>
/// <param name="Pods">The pods of the target's node, or those of the controller of a target that is a pod.</param>
/// <param name="Boot">The identifier of the machine's start, if the machine itself crashes.</param>
internal sealed record FaultBaseline(IReadOnlyList<V1Pod> Pods, string? Boot)
{
    /// <summary>The pods that were Ready. No other pod has to be Ready afterwards.</summary>
    public IEnumerable<V1Pod> Ready => Pods.Where(IsReady);

    /// <summary>Looks at a target.</summary>
    /// <exception cref="KlException">The cluster or the machine does not answer.</exception>
    public static async Task<FaultBaseline> OfAsync(FaultTarget target, Func<CancellationToken, Task<string?>> boot, KubeSession kube, CancellationToken stop)
    {
        var start = await boot(stop);
        if (target.Cluster is null)
            return new([], start);
        using var api = kube.Open(target.Cluster);
        var pods = target.Pod is { } pod ? OfController(api, pod, stop) : OnNode(api, target.Node!, stop);
        return new(await pods.ToListAsync(stop), start);
    }

    /// <summary>The pods of a node.</summary>
    public static IAsyncEnumerable<V1Pod> OnNode(KubeApi api, string node, CancellationToken stop) =>
        api.ListAsync<V1Pod>(null, new KubeSelector(Fields: KubeSelector.Field("spec.nodeName", node)), stop);

    /// <summary>The pods of the controller of a pod; the pod itself if it has none.</summary>
    public static IAsyncEnumerable<V1Pod> OfController(KubeApi api, V1Pod pod, CancellationToken stop) =>
        api.ListAsync<V1Pod>(pod.Metadata.NamespaceProperty, new KubeSelector(), stop)
            .Where(one => one.Metadata.Uid == pod.Metadata.Uid || (ControllerOf(pod) is { } owner && ControllerOf(one)?.Uid == owner.Uid));

    /// <summary>The controller that replaces a pod, or null.</summary>
    public static V1OwnerReference? ControllerOf(V1Pod pod) => pod.Metadata.OwnerReferences?.FirstOrDefault(one => one.Controller == true);

    /// <summary>Whether a pod is Ready and stays.</summary>
    public static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null
        && pod.Status?.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Whether all containers of a pod are others than before.</summary>
    public static bool IsRestarted(V1Pod before, V1Pod now) => !Containers(now).Intersect(Containers(before)).Any();

    /// <summary>The restarts of a pod's containers.</summary>
    public static int Restarts(V1Pod pod) => pod.Status?.ContainerStatuses?.Sum(one => one.RestartCount) ?? 0;

    private static IEnumerable<string?> Containers(V1Pod pod) => pod.Status?.ContainerStatuses?.Select(one => one.ContainerID) ?? [];
}
