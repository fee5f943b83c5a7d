using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Nodes;

/// <summary>Nodes: found, marked, emptied.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class NodeClient(KubeSession kube)
{
    private const int Tries = 5;

    /// <summary>The nodes of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them; nodes live in no namespace.</param>
    /// <param name="stop">Ends it.</param>
    public async IAsyncEnumerable<KlNode> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (node, change) in api.SeenAsync<V1Node>(scope with { AllNamespaces = true }, stop))
            yield return KlNode.From(node, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Puts labels, annotations and taints on a node, or takes them off.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="change">What to change.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NodeNotFound, TaintInvalid, and KubeApi's.</exception>
    public async Task<KlNode> ChangeAsync(string? cluster, string name, NodeChange change, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        for (var tries = 1; ; tries++)
        {
            var there = await api.FindAsync<V1Node>(name, null, stop)
                ?? throw new KlException(ErrorIds.NodeNotFound, KlErrorKind.NotFound, name, $"{api.Cluster} has no node {name}.", "Get-KlNode lists those there are.");
            try
            {
                var after = await api.PatchAsync<V1Node>(name, null, Patch(there, change), stop);
                if (!Same(there.Metadata.Labels, after.Metadata.Labels) || !Same(there.Metadata.Annotations, after.Metadata.Annotations)
                    || !(there.Spec.Taints ?? []).Select(NodeTaints.Text).SequenceEqual((after.Spec.Taints ?? []).Select(NodeTaints.Text)))
                    events.Changed(name, "node changed");
                return KlNode.From(after, api.Cluster, api.Clock.GetUtcNow());
            }
            catch (KlException raced) when (raced.ErrorId == ErrorIds.KubeConflict && tries < Tries)
            {
                // The list of taints goes as a whole; another has changed the node since it was read.
            }
        }
    }

    /// <summary>A node takes no new pods, and those it has are evicted as their disruption budgets allow.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="evict">False: it keeps the pods it has.</param>
    /// <param name="force">Pods that nothing makes again and data in emptyDir volumes go, too.</param>
    /// <param name="timeout">How long for all of it.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NodeNotFound, DrainRefused, DrainTimeout, and KubeApi's.</exception>
    public async Task<KlNode> SuspendAsync(string? cluster, string name, bool evict, bool force, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var drain = new Drain(api, name, api.Clock);
        var node = evict ? await drain.RunAsync(force, timeout, events, stop) : await drain.CordonAsync(true, events, stop);
        return KlNode.From(node, api.Cluster, api.Clock.GetUtcNow());
    }

    /// <summary>A node takes new pods again.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">NodeNotFound, and KubeApi's.</exception>
    public async Task<KlNode> ResumeAsync(string? cluster, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return KlNode.From(await new Drain(api, name, api.Clock).CordonAsync(false, events, stop), api.Cluster, api.Clock.GetUtcNow());
    }

    private static JsonObject Patch(V1Node there, NodeChange change)
    {
        var metadata = new JsonObject { ["labels"] = Map(change.Labels), ["annotations"] = Map(change.Annotations) };
        var patch = new JsonObject { ["metadata"] = metadata };
        if (change.Taints.Count == 0)
            return patch;
        metadata["resourceVersion"] = there.Metadata.ResourceVersion;
        patch["spec"] = new JsonObject
        {
            ["taints"] = new JsonArray([.. NodeTaints.Change(there.Spec.Taints ?? [], change.Taints).Select(t =>
            {
                var taint = new JsonObject { ["key"] = t.Key, ["effect"] = t.Effect };
                if (t.Value is not null)
                    taint["value"] = t.Value;
                if (t.TimeAdded is { } added)
                    taint["timeAdded"] = added.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
                return taint;
            })]),
        };
        return patch;
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string?> texts) => new(texts.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));

    private static bool Same(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).SequenceEqual((other ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal));
}
