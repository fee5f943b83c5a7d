using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Nodes;

/// <summary>Empties a node as kubectl drain does: no new pods, and those there are evicted as their disruption budgets allow.</summary>
/// <remarks>kubectl pkg/drain/filters.go: DaemonSets' and static pods stay; a pod that nothing makes again, or one with data in an emptyDir, needs force.</remarks>
internal sealed class Drain(KubeApi api, string node, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Sets whether a node takes new pods; a node that is so already stays as it is.</summary>
    /// <exception cref="KlException">NodeNotFound, and KubeApi's.</exception>
    public async Task<V1Node> CordonAsync(bool cordoned, IProgress<LabEvent> events, CancellationToken stop)
    {
        var there = await FindAsync(stop);
        if ((there.Spec?.Unschedulable ?? false) == cordoned)
            return there;
        var after = await api.PatchAsync<V1Node>(node, null, new() { ["spec"] = new JsonObject { ["unschedulable"] = cordoned ? true : null } }, stop);
        events.Changed(node, cordoned ? "takes no new pods" : "takes new pods");
        return after;
    }

    /// <summary>Cordons the node, evicts its pods and waits until they are gone.</summary>
    /// <param name="force">Pods that nothing makes again and data in emptyDir volumes go, too.</param>
    /// <param name="timeout">How long for all of it.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NodeNotFound; DrainRefused (nothing was changed) and DrainTimeout name each pod and what holds it.</exception>
    public async Task<V1Node> RunAsync(bool force, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        await FindAsync(stop);
        var refused = force ? [] : (await MovableAsync(stop)).Select(pod => (Name: NameOf(pod), Why: Loss(pod))).Where(pod => pod.Why is not null).ToList();
        if (refused.Count > 0)
            throw new KlException(ErrorIds.DrainRefused, KlErrorKind.Failed, node,
                $"{node} is left as it is, for these pods would lose something: {string.Join("; ", refused.Select(pod => $"{pod.Name} {pod.Why}"))}.", "Move them yourself, or give -Force.");
        var cordoned = await CordonAsync(true, events, stop);
        var (version, asked) = (await EvictionVersionAsync(stop), new HashSet<string>());
        await Wait.UntilAsync(
            async token =>
            {
                var left = new List<string>();
                foreach (var pod in await MovableAsync(token))
                    left.Add($"{NameOf(pod)} {(pod.Metadata.DeletionTimestamp is null ? await EvictAsync(pod, version, token) : null) ?? "is still ending"}");
                foreach (var pod in left)
                    if (asked.Add(pod))
                        events.Detail(node, pod);
                return left;
            },
            left => left.Count == 0 ? Verdict.Ready : Verdict.Pending(string.Join("; ", left)),
            new(node, $"the pods of {node} to go", timeout, Interval)
            {
                FailedId = ErrorIds.DrainFailed, TimeoutId = ErrorIds.DrainTimeout,
                NextStep = "Make room for what is named (more replicas, a looser budget), or allow more time by -Timeout; the node takes no new pods meanwhile, Resume-KlNode takes that back.",
            },
            clock, stop, reason => events.Step(node, "waiting: " + reason));
        return cordoned;
    }

    private async Task<V1Node> FindAsync(CancellationToken stop) => await api.FindAsync<V1Node>(node, null, stop)
        ?? throw new KlException(ErrorIds.NodeNotFound, KlErrorKind.NotFound, node, $"{api.Cluster} has no node {node}.", "Get-KlNode lists those there are.");

    private async Task<List<V1Pod>> MovableAsync(CancellationToken stop) =>
        await api.ListAsync<V1Pod>(null, new KubeSelector(Fields: "spec.nodeName=" + node), stop)
            .Where(pod => pod.GetController()?.Kind is not ("DaemonSet" or "Node") && pod.Metadata.Annotations?.ContainsKey("kubernetes.io/config.mirror") != true)
            .ToListAsync(stop);

    private static string NameOf(V1Pod pod) => $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";

    private static string? Loss(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed" || pod.Metadata.DeletionTimestamp is not null ? null
        : pod.GetController() is null ? "would not be made again, nothing manages it"
        : pod.Spec.Volumes?.FirstOrDefault(v => v.EmptyDir is not null) is { } data ? $"has data in the emptyDir volume {data.Name}"
        : null;

    /// <summary>What holds the pod, or null: it goes.</summary>
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
        catch (KlException error) when (error.InnerException is KubeStatusException { Code: 429 } held)
        {
            var causes = held.Status.Details?.Causes?.Select(c => c.Message).Where(m => !string.IsNullOrEmpty(m)) ?? [];
            return "is held: " + string.Join(" ", causes.Prepend(held.Status.Message));
        }
    }

    // Servers before 1.22 take no policy/v1 here.
    private async Task<string> EvictionVersionAsync(CancellationToken stop)
    {
        var core = await api.SendAsync<V1APIResourceList>(HttpMethod.Get, KubeKind.RootOf("v1"), null, stop);
        return core.Resources.FirstOrDefault(r => r.Name == "pods/eviction") is { Group: { Length: > 0 } group, Version: { Length: > 0 } version } ? $"{group}/{version}" : "policy/v1";
    }
}
