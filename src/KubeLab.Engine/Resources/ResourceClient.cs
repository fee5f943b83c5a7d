using System.Runtime.CompilerServices;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Objects of any kind, custom ones too: found, watched, removed.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class ResourceClient(KubeSession kube)
{
    /// <summary>The plural names of the kinds that a cluster serves, in order.</summary>
    public async Task<string[]> KindsAsync(string? cluster, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return [.. (await api.KindsAsync(stop)).Select(kind => kind.Plural).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The objects that a query picks, as they come.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="query">Which.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeKindUnknown, and KubeApi's.</exception>
    public async IAsyncEnumerable<KlResource> ListAsync(string? cluster, ResourceQuery query, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var kinds = await api.KindsAsync(query.Kind, stop);
        if (kinds.Count > 1 && query.Scope.Watch)
            throw new KlException(ErrorIds.KubeKindMany, KlErrorKind.InvalidInput, query.Kind, $"'{query.Kind}' is several kinds: {string.Join(", ", kinds.Select(kind => kind.Plural))}.", "Watch each by its name.");
        foreach (var kind in kinds)
            await foreach (var (one, change) in api.SeenAsync(kind, query.Scope, stop))
                yield return KlResource.From(one, api.Cluster, api.Clock.GetUtcNow(), change);
    }

    /// <summary>Removes an object and waits until it is gone. Absent is done.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="id">Which.</param>
    /// <param name="cascade">Background, Foreground or Orphan: what becomes of what it owns.</param>
    /// <param name="timeout">How long to wait, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">RemovalTimeout names the finalizers that hold it; KubeKindUnknown, and KubeApi's.</exception>
    public async Task RemoveAsync(string? cluster, ResourceId id, string cascade, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var kind = id.ApiVersion is { } version ? await api.KindAsync(version, id.Kind, stop) : await api.KindAsync(id.Kind, stop);
        await RemoveAsync(api, kind, kind.Namespaced == false ? null : id.Namespace ?? api.DefaultNamespace, id.Name, cascade, timeout, api.Clock, events, stop);
    }

    internal static async Task RemoveAsync(
        KubeApi api, KubeKind kind, string? ns, string name, string cascade, TimeSpan? timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        var there = await api.FindAsync(kind, ns, name, stop);
        if (there is null || !await api.DeleteAsync(kind, ns, name, cascade, stop))
            return;
        var shown = $"{kind.Kind} {(ns is null ? "" : ns + "/")}{name}";
        events.Changed(name, $"{shown} removed");
        if (timeout is not { } limit)
            return;
        await Wait.ForAsync(
            token => api.FollowAsync(kind, ns, name, token),
            // Another of the same name is no longer the one that was removed.
            left => left is null || left.Metadata.Uid != there.Metadata.Uid ? Verdict.Ready : Verdict.Pending("it is still there" + Finalizers(left)),
            new(name, $"{shown} to be gone", limit) { FailedId = ErrorIds.RemovalFailed, TimeoutId = ErrorIds.RemovalTimeout, NextStep = "Look who works off what holds it; a node that does not answer keeps its pods." },
            clock, stop);
    }

    /// <summary>Waits until an object is as wanted; fails as soon as it is clear that it never will be.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="id">Which.</param>
    /// <param name="goal">What it is waited for.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The object as it is then; null once it is gone.</returns>
    /// <exception cref="KlException">ResourceNotFound, ResourceWait, ResourceWaitTimeout, JsonPathInvalid; KubeKindUnknown, and KubeApi's.</exception>
    public async Task<KlResource?> WaitAsync(string? cluster, ResourceId id, ResourceGoal goal, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var kind = id.ApiVersion is { } version ? await api.KindAsync(version, id.Kind, stop) : await api.KindAsync(id.Kind, stop);
        var ns = kind.Namespaced == false ? null : id.Namespace ?? api.DefaultNamespace;
        var shown = $"{kind.Kind} {(ns is null ? "" : ns + "/")}{id.Name}";
        KubeObject? first = null;
        var seen = await Wait.ForAsync(
            token => api.FollowAsync(kind, ns, id.Name, token),
            one =>
            {
                if (one is null && first is null && !goal.Deleted)
                    throw new KlException(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, id.Name, $"There is no {shown}.", $"Get-KlResource {kind.Plural} lists those there are.");
                first ??= one;
                // Another of the same name is no longer the one that was there.
                return ResourceJudge.Judge(one?.Metadata.Uid == first?.Metadata.Uid ? one : null, goal);
            },
            new(id.Name, $"{shown} {goal}", timeout) { FailedId = ErrorIds.ResourceWaitFailed, TimeoutId = ErrorIds.ResourceWaitTimeout, NextStep = $"Look at it with Get-KlResource {kind.Plural} {id.Name}." },
            api.Clock, stop, why => events.Step(id.Name, why));
        return seen is null || goal.Deleted ? null : KlResource.From(seen, api.Cluster, api.Clock.GetUtcNow());
    }

    private static string Finalizers(KubeObject left) =>
        left.Json["metadata"]?["finalizers"] is { } held ? $", held by {string.Join(", ", held.AsArray().Select(one => (string?)one))}." : ".";
}
