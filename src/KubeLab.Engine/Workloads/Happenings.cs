using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Events of a cluster, found.</summary>
public static class Happenings
{
    /// <summary>Events by time, newest last.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="about">What they are about, or null: anything.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<IReadOnlyList<KlEvent>> ListAsync(string? cluster, KubeScope scope, KubeSubject? about, CancellationToken stop)
    {
        using var api = KubeApi.Open(cluster);
        var ns = scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace;
        var now = TimeProvider.System.GetUtcNow();
        return [.. (await api.ListAsync<Corev1Event>(ns, new KubeSelector(scope.Labels, about is null ? null : "involvedObject.name=" + about.Name), stop)
            .Where(e => about?.Is(e.InvolvedObject) != false).Select(e => KlEvent.From(e, api.Cluster, now)).ToListAsync(stop)).OrderBy(e => e.LastTime)];
    }
}
