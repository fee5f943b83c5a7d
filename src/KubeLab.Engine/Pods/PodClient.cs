using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>Pods, found.</summary>
public static class PodClient
{
    /// <summary>The pods of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">ResourceNotFound, PodsNone: of what the scope names; NamespaceNotFound, and KubeApi's.</exception>
    public static async IAsyncEnumerable<KlPod> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = KubeApi.Open(cluster);
        await foreach (var (pod, change) in api.SeenAsync(KubeKind.Of<V1Pod>(), await PodSelection.ScopeAsync(api, scope, stop), stop))
            yield return KlPod.From(pod, api.Cluster, TimeProvider.System.GetUtcNow()) with { Change = change };
    }
}
