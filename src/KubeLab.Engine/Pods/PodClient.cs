using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>Pods, found.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class PodClient(KubeSession kube)
{
    /// <summary>The pods of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">ResourceNotFound, PodsNone: of what the scope names; NamespaceNotFound, and KubeApi's.</exception>
    public async IAsyncEnumerable<KlPod> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (pod, change) in api.SeenAsync(KubeKind.Of<V1Pod>(), await PodSelection.ScopeAsync(api, scope, stop), stop))
            yield return KlPod.From(pod, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }
}
