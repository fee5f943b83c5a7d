using System.Runtime.CompilerServices;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Lists, watches, removes and waits for objects of any kind, including custom resources.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class ResourceClient(KubeSession kube)
{
    /// <summary>The sorted plural names of the kinds that a cluster serves.</summary>
    public async Task<string[]> KindsAsync(string? cluster, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return [.. (await api.KindsAsync(stop)).Select(kind => kind.Plural).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Lists the objects of a query as they arrive.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="query">The query.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">KubeKindNotFound, and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlResource> ListAsync(string? cluster, ResourceQuery query, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var kinds = await api.KindsAsync(query.Kind, stop);
        if (kinds.Count > 1 && query.Scope.Watch)
            throw new KlException(ErrorIds.KubeKindMany, KlErrorKind.InvalidInput, query.Kind,
                $"'{query.Kind}' selects several kinds: {string.Join(", ", kinds.Select(kind => kind.Plural))}.", "Watch each kind separately.");
        foreach (var kind in kinds)
            await foreach (var (one, change) in api.ListOrWatchAsync(kind, query.Scope, stop))
                yield return KlResource.From(one, api.Cluster, api.Clock.GetUtcNow(), change, query.ShowSecret);
    }

    /// <summary>Deletes an object and waits until it is deleted. Does nothing if it does not exist.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="id">The object.</param>
    /// <param name="cascade">Background, Foreground or Orphan: how dependents are deleted.</param>
    /// <param name="timeout">The maximum time to wait, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">RemovalTimeout names the finalizers that block the deletion; KubeKindNotFound, and the errors of KubeApi.</exception>
    public async Task RemoveAsync(string? cluster, ResourceId id, string cascade, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var kind = id.ApiVersion is { } version ? await api.KindAsync(version, id.Kind, stop) : await api.KindAsync(id.Kind, stop);
        await RemoveAsync(api, kind, kind.Namespaced == false ? null : id.Namespace ?? api.DefaultNamespace, id.Name, cascade, timeout, api.Clock, events,
            stop);
    }

    internal static async Task RemoveAsync(
        KubeApi api, KubeKind kind, string? ns, string name, string cascade, TimeSpan? timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        var existing = await api.FindAsync(kind, ns, name, stop);
        if (existing is null || !await api.DeleteAsync(kind, ns, name, cascade, stop))
            return;
        var shown = $"{kind.Kind} {(ns is null ? "" : ns + "/")}{name}";
        events.Changed(name, $"{shown} removed");
        if (timeout is not { } limit)
            return;
        await Wait.ForAsync(
            token => api.FollowAsync(kind, ns, name, token),
            // An object with the same name and another UID is a new one.
            remaining => remaining is null || remaining.Metadata.Uid != existing.Metadata.Uid ? Verdict.Ready
                : Verdict.Pending("it still exists" + Finalizers(remaining)),
            new(name, $"{shown} to be deleted", limit)
            {
                FailedId = ErrorIds.RemovalFailed, TimeoutId = ErrorIds.RemovalTimeout,
                NextStep = "Check the controllers of its finalizers. Pods on an unreachable node are not deleted."
            },
            clock, stop);
    }

    /// <summary>Waits until an object meets a condition. Fails as soon as this has become impossible.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="id">The object.</param>
    /// <param name="goal">The condition.</param>
    /// <param name="timeout">The maximum time to wait.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The object, or null if it was deleted.</returns>
    /// <exception cref="KlException">ResourceNotFound, ResourceWaitFailed, ResourceWaitTimeout, JsonPathInvalid; KubeKindNotFound, and the errors of
    /// KubeApi.</exception>
    public async Task<KlResource?> WaitAsync(string? cluster, ResourceId id, ResourceGoal goal, TimeSpan timeout, IProgress<LabEvent> events,
        CancellationToken stop)
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
                    throw new KlException(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, id.Name, $"{shown} was not found.");
                first ??= one;
                // An object with the same name and another UID is a new one.
                return ResourceJudge.Judge(one?.Metadata.Uid == first?.Metadata.Uid ? one : null, goal);
            },
            new(id.Name, $"{shown} {goal}", timeout)
            {
                FailedId = ErrorIds.ResourceWaitFailed, TimeoutId = ErrorIds.ResourceWaitTimeout,
            },
            api.Clock, stop, reason => events.Step(id.Name, reason));
        return seen is null || goal.Deleted ? null : KlResource.From(seen, api.Cluster, api.Clock.GetUtcNow());
    }

    private static string Finalizers(KubeObject remaining) =>
        remaining.Json["metadata"]?["finalizers"] is { } finalizers
            ? $", blocked by the finalizers {string.Join(", ", finalizers.AsArray().Select(one => (string?)one))}."
            : ".";
}
