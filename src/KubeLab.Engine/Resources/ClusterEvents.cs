using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Events of a cluster, found.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class ClusterEvents(KubeSession kube)
{
    /// <summary>Events by time, newest last; watched, those there are and then each that comes.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="about">What they are about, or null: anything.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NamespaceNotFound, and KubeApi's.</exception>
    public async IAsyncEnumerable<KlEvent> ListAsync(string? cluster, KubeScope scope, KubeSubject? about, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        string[] fields = [.. scope.Fields is { Length: > 0 } given ? [given] : Array.Empty<string>(), .. about is null ? [] : new[] { KubeSelector.Field("involvedObject.name", about.Name) }];
        scope = scope with { Fields = string.Join(',', fields) };
        var there = await api.ListAsync<Corev1Event>(scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace, scope.Selector, stop)
            .Where(e => about?.Is(e.InvolvedObject) != false).Select(e => Seen(e, scope.Watch ? nameof(k8s.WatchEventType.Added) : null)).ToListAsync(stop);
        if (there.Count == 0 && about is null)
            await api.NeedNamespaceAsync(scope, stop);
        foreach (var one in there.OrderBy(e => e.LastTime))
            yield return one;
        if (!scope.Watch)
            yield break;
        var told = there.ToDictionary(e => e.Object.Metadata.Uid, e => e.Object.Metadata.ResourceVersion);
        await foreach (var (seen, change) in api.SeenAsync<Corev1Event>(scope, stop))
            // A watch begins with what is there.
            if (about?.Is(seen.InvolvedObject) != false && !(told.Remove(seen.Metadata.Uid, out var version) && version == seen.Metadata.ResourceVersion))
                yield return Seen(seen, change);

        KlEvent Seen(Corev1Event one, string? change) => KlEvent.From(one, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }
}
