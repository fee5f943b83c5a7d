using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Lists the events of a cluster.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class ClusterEvents(KubeSession kube)
{
    /// <summary>Lists events by time, newest last. With a watch, then returns each new event.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="about">The object that the events are about, or null for all objects.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NamespaceNotFound, and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlEvent> ListAsync(string? cluster, KubeScope scope, KubeSubject? about, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        string[] fields = [.. scope.Fields is { Length: > 0 } given ? [given] : Array.Empty<string>(),
            .. about is null ? [] : new[] { KubeSelector.Field("involvedObject.name", about.Name) }];
        scope = scope with { Fields = string.Join(',', fields) };
        var existing = await api.ListAsync<Corev1Event>(scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace, scope.Selector, stop)
            .Where(e => about?.Is(e.InvolvedObject) != false).Select(e => Seen(e, scope.Watch ? nameof(k8s.WatchEventType.Added) : null)).ToListAsync(stop);
        if (existing.Count == 0 && about is null)
            await api.CheckNamespaceAsync(scope, stop);
        foreach (var one in existing.OrderBy(e => e.LastTime))
            yield return one;
        if (!scope.Watch)
            yield break;
        var reported = existing.ToDictionary(e => e.Object.Metadata.Uid, e => e.Object.Metadata.ResourceVersion);
        await foreach (var (seen, change) in api.ListOrWatchAsync<Corev1Event>(scope, stop))
            // A watch starts with the existing events.
            if (about?.Is(seen.InvolvedObject) != false && !(reported.Remove(seen.Metadata.Uid, out var version) && version == seen.Metadata.ResourceVersion))
                yield return Seen(seen, change);

        KlEvent Seen(Corev1Event one, string? change) => KlEvent.From(one, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }
}
