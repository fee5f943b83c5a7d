using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Nodes;

/// <summary>Lists, changes, drains and uncordons nodes.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class NodeClient(KubeSession kube)
{
    private const int MaxAttempts = 5;

    /// <summary>Lists the nodes of a cluster.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The nodes to list. The namespace is ignored.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async IAsyncEnumerable<KlNode> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (node, change) in api.ListOrWatchAsync<V1Node>(scope with { AllNamespaces = true }, stop))
            yield return KlNode.From(node, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Sets or removes labels, annotations and taints of a node.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="change">The changes.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NodeNotFound, TaintInvalid, and the errors of KubeApi.</exception>
    public async Task<KlNode> ChangeAsync(string? cluster, string name, NodeChange change, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        for (var attempt = 1; ; attempt++)
        {
            var existing = await api.FindAsync<V1Node>(name, null, stop)
                ?? throw new KlException(ErrorIds.NodeNotFound, KlErrorKind.NotFound, name, $"Node '{name}' was not found in cluster '{api.Cluster}'.");
            try
            {
                var after = await api.PatchAsync<V1Node>(name, null, Patch(existing, change), stop);
                if (!AreEqual(existing.Metadata.Labels, after.Metadata.Labels) || !AreEqual(existing.Metadata.Annotations, after.Metadata.Annotations)
                    || !(existing.Spec.Taints ?? []).Select(NodeTaints.Text).SequenceEqual((after.Spec.Taints ?? []).Select(NodeTaints.Text)))
                    events.Changed(name, "node changed");
                return KlNode.From(after, api.Cluster, api.Clock.GetUtcNow());
            }
            catch (KlException conflict) when (conflict.ErrorId == ErrorIds.KubeConflict && attempt < MaxAttempts)
            {
                // The list of taints is replaced as a whole. The node was changed concurrently, so it is read again.
            }
        }
    }

    /// <summary>Cordons a node and evicts its pods as their disruption budgets permit.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="evict">Whether to evict pods.</param>
    /// <param name="force">Whether to evict pods without a controller and pods with data in emptyDir volumes.</param>
    /// <param name="timeout">The maximum total time.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NodeNotFound, DrainRefused, DrainTimeout, and the errors of KubeApi.</exception>
    public async Task<KlNode> SuspendAsync(string? cluster, string name, bool evict, bool force, TimeSpan timeout, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var drain = new Drain(api, name, api.Clock);
        var node = evict ? await drain.RunAsync(force, timeout, events, stop) : await drain.CordonAsync(true, events, stop);
        return KlNode.From(node, api.Cluster, api.Clock.GetUtcNow());
    }

    /// <summary>Uncordons a node.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="name">The node.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">NodeNotFound, and the errors of KubeApi.</exception>
    public async Task<KlNode> ResumeAsync(string? cluster, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return KlNode.From(await new Drain(api, name, api.Clock).CordonAsync(false, events, stop), api.Cluster, api.Clock.GetUtcNow());
    }

    private static JsonObject Patch(V1Node existing, NodeChange change)
    {
        var metadata = new JsonObject { ["labels"] = Map(change.Labels), ["annotations"] = Map(change.Annotations) };
        var patch = new JsonObject { ["metadata"] = metadata };
        if (change.Taints.Count == 0)
            return patch;
        metadata["resourceVersion"] = existing.Metadata.ResourceVersion;
        patch["spec"] = new JsonObject
        {
            ["taints"] = new JsonArray([.. NodeTaints.Change(existing.Spec.Taints ?? [], change.Taints).Select(t =>
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

    private static bool AreEqual(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal)
            .SequenceEqual((other ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal));
}
