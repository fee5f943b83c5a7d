using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Nodes;

/// <summary>Drains a node as kubectl drain does: cordons it and evicts its pods as their disruption budgets permit.</summary>
/// <remarks>kubectl pkg/drain/filters.go: pods of DaemonSets and static pods stay; pods without a controller or with data in an emptyDir volume
/// need force.</remarks>
internal sealed class Drain(KubeApi api, string node, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Cordons or uncordons the node. Does nothing if it already has this state.</summary>
    /// <exception cref="KlException">NodeNotFound, and the errors of KubeApi.</exception>
    public async Task<V1Node> CordonAsync(bool cordoned, IProgress<LabEvent> events, CancellationToken stop)
    {
        var existing = await FindAsync(stop);
        if ((existing.Spec?.Unschedulable ?? false) == cordoned)
            return existing;
        var after = await api.PatchAsync<V1Node>(node, null, new() { ["spec"] = new JsonObject { ["unschedulable"] = cordoned ? true : null } }, stop);
        events.Changed(node, cordoned ? "cordoned" : "uncordoned");
        return after;
    }

    /// <summary>Cordons the node, evicts its pods and waits until they are deleted.</summary>
    /// <param name="force">Whether to evict pods without a controller and pods with data in emptyDir volumes.</param>
    /// <param name="timeout">The maximum total time.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NodeNotFound; DrainRefused (nothing was changed) and DrainTimeout name each pod and the reason.</exception>
    public async Task<V1Node> RunAsync(bool force, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        await FindAsync(stop);
        var refused = force ? [] : (await EvictablePodsAsync(stop)).Select(pod => (Name: NameOf(pod), Why: LossOf(pod))).Where(pod => pod.Why is not null)
            .ToList();
        if (refused.Count > 0)
            throw new KlException(ErrorIds.DrainRefused, KlErrorKind.Failed, node,
                $"{node} was not drained: these pods would be lost or lose data: {string.Join("; ", refused.Select(pod => $"{pod.Name} {pod.Why}"))}.",
                "Move the pods yourself, or specify -Force.");
        var cordoned = await CordonAsync(true, events, stop);
        var (version, reported) = (await EvictionVersionAsync(stop), new HashSet<string>());
        await Wait.UntilAsync(
            async token =>
            {
                var remaining = new List<string>();
                foreach (var pod in await EvictablePodsAsync(token))
                {
                    var reason = pod.Metadata.DeletionTimestamp is null ? await EvictAsync(pod, version, token) : null;
                    remaining.Add($"{NameOf(pod)} {reason ?? "is terminating"}");
                }
                foreach (var pod in remaining)
                    if (reported.Add(pod))
                        events.Detail(node, pod);
                return remaining;
            },
            remaining => remaining.Count == 0 ? Verdict.Ready : Verdict.Pending(string.Join("; ", remaining)),
            new(node, $"the pods of {node} to be evicted", timeout, Interval)
            {
                FailedId = ErrorIds.DrainFailed, TimeoutId = ErrorIds.DrainTimeout,
                NextStep = "Add replicas, relax the disruption budget or increase -Timeout. The node remains cordoned.",
            },
            clock, stop, reason => events.Step(node, "waiting: " + reason));
        return cordoned;
    }

    private async Task<V1Node> FindAsync(CancellationToken stop) => await api.FindAsync<V1Node>(node, null, stop)
        ?? throw new KlException(ErrorIds.NodeNotFound, KlErrorKind.NotFound, node, $"Node '{node}' was not found in cluster '{api.Cluster}'.");

    private async Task<List<V1Pod>> EvictablePodsAsync(CancellationToken stop) =>
        await api.ListAsync<V1Pod>(null, new KubeSelector(Fields: "spec.nodeName=" + node), stop)
            .Where(pod => pod.GetController()?.Kind is not ("DaemonSet" or "Node")
                && pod.Metadata.Annotations?.ContainsKey("kubernetes.io/config.mirror") != true)
            .ToListAsync(stop);

    private static string NameOf(V1Pod pod) => $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";

    private static string? LossOf(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed" || pod.Metadata.DeletionTimestamp is not null ? null
        : pod.GetController() is null ? "has no controller that would recreate it"
        : pod.Spec.Volumes?.FirstOrDefault(v => v.EmptyDir is not null) is { } data ? $"has data in the emptyDir volume {data.Name}"
        : null;

    /// <summary>Evicts the pod and returns null, or returns why it cannot be evicted.</summary>
    private async Task<string?> EvictAsync(V1Pod pod, string version, CancellationToken stop)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        try
        {
            await api.PostAsync($"{KubeKind.Of<V1Pod>().Path(ns, name)}/eviction", new()
            {
                ["apiVersion"] = version,
                ["kind"] = "Eviction",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            }, stop);
            return null;
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeNotFound)
        {
            return null;
        }
        catch (KlException error) when (error.InnerException is KubeStatusException { Code: 429 } rejected)
        {
            var causes = rejected.Status.Details?.Causes?.Select(c => c.Message).Where(m => !string.IsNullOrEmpty(m)) ?? [];
            return "cannot be evicted: " + string.Join(" ", causes.Prepend(rejected.Status.Message));
        }
    }

    // API servers before 1.22 do not accept policy/v1 here.
    private async Task<string> EvictionVersionAsync(CancellationToken stop)
    {
        var core = await api.SendAsync<V1APIResourceList>(HttpMethod.Get, KubeKind.RootOf("v1"), null, stop);
        return core.Resources.FirstOrDefault(r => r.Name == "pods/eviction") is { Group: { Length: > 0 } group, Version: { Length: > 0 } version }
            ? $"{group}/{version}" : "policy/v1";
    }
}
