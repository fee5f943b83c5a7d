using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Which objects to show.</summary>
/// <param name="Namespace">The namespace, or null: the context's.</param>
/// <param name="AllNamespaces">All of them instead.</param>
/// <param name="Labels">A label selector as kubectl's -l takes it, or null.</param>
/// <param name="Matches">Which names, or null: all.</param>
public sealed record KubeScope(string? Namespace = null, bool AllNamespaces = false, string? Labels = null, Func<string, bool>? Matches = null);

/// <summary>Lists by scope.</summary>
internal static class KubeScopes
{
    public static IAsyncEnumerable<T> ListAsync<T>(this KubeApi api, KubeScope scope, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        api.ListAsync<T>(scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace, scope.Labels, stop).Where(o => scope.Matches?.Invoke(o.Metadata.Name) != false);
}
