using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Nodes, found.</summary>
public static class Nodes
{
    /// <summary>The nodes of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them; nodes live in no namespace.</param>
    /// <param name="stop">Ends it.</param>
    public static async IAsyncEnumerable<KlNode> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = KubeApi.Open(cluster);
        await foreach (var node in api.ListAsync<V1Node>(scope with { AllNamespaces = true }, stop))
            yield return KlNode.From(node, api.Cluster, TimeProvider.System.GetUtcNow());
    }
}
