using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>Lists pods.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodClient(KubeSession kube)
{
    /// <summary>Lists the pods of a cluster.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">ResourceNotFound, PodNotFound (for the object in the scope), NamespaceNotFound, and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlPod> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (pod, change) in api.ListOrWatchAsync(KubeKind.Of<V1Pod>(), await PodSelection.ScopeAsync(api, scope, stop), stop))
            yield return KlPod.From(pod, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }
}
