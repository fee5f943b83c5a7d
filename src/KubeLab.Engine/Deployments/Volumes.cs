using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Claims for persistent data: from the default StorageClass, otherwise a folder on one node.</summary>
internal static class Volumes
{
    /// <summary>The folder on nodes with the data of volumes: NAMESPACE/CLAIM.</summary>
    public const string Root = "/var/lib/kubelab/volumes";

    private const string Hostname = "kubernetes.io/hostname";
    private static readonly TimeSpan BindingTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The size of a volume.</summary>
    public static readonly Dictionary<string, ResourceQuantity> Size = new() { ["storage"] = new("5Gi") };

    /// <summary>Creates what is missing. An existing claim is not changed.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="claim">The name of the claim.</param>
    /// <param name="avoid">Nodes that should not store it. A node that is listed more often is avoided more.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The node that stores the data, or null if the StorageClass decides.</returns>
    /// <exception cref="KlException">NoNodeForVolume.</exception>
    public static async Task<string?> EnsureAsync(
        KubeApi api, string ns, string claim, IReadOnlyCollection<string> avoid, IProgress<LabEvent> events, CancellationToken stop)
    {
        var existing = await api.FindAsync<V1PersistentVolumeClaim>(claim, ns, stop);
        var volume = $"{ns}.{claim}";
        var isStatic = existing is null ? !await HasDefaultClassAsync(api, stop) : existing.Spec.VolumeName == volume;
        var node = isStatic ? await EnsureVolumeAsync(api, volume, ns, claim, avoid, events, stop) : null;
        if (existing is not null)
            return node;
        await IgnoreExistingAsync(() => api.CreateAsync(new V1PersistentVolumeClaim
        {
            Metadata = new() { Name = claim, NamespaceProperty = ns, Labels = ManagedLabels.Labels() },
            Spec = new()
            {
                AccessModes = ["ReadWriteOnce"],
                Resources = new() { Requests = Size },
                StorageClassName = isStatic ? "" : null,
                VolumeName = isStatic ? volume : null,
            },
        }, stop));
        events.Changed($"claim/{claim}", isStatic ? $"created in {Root}/{ns}/{claim} on one node" : "created from the default StorageClass");
        return node;
    }

    /// <summary>Waits until a claim is bound to its folder: the scheduler would otherwise delay the pod by up to a minute. Not to be used with a StorageClass,
    /// which can wait for the first pod.</summary>
    public static async Task WaitForBindingAsync(KubeApi api, string ns, string claim, CancellationToken stop)
    {
        using var timer = new TimeLimit(BindingTimeout, api.Clock, stop);
        try
        {
            await api.WatchAsync<V1PersistentVolumeClaim>(ns, KubeSelector.Named(claim), timer.Token)
                .FirstAsync(c => c.Object.Status?.Phase == "Bound", timer.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The status of the pod shows the cause.
        }
    }

    private static async Task<string?> EnsureVolumeAsync(
        KubeApi api, string volume, string ns, string claim, IReadOnlyCollection<string> avoid, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await api.FindAsync<V1PersistentVolume>(volume, null, stop) is { } existing)
        {
            // The claim was deleted and is created again: binds the volume to the new claim, which keeps the data.
            if (existing.Status?.Phase == "Released" && existing.Spec.ClaimRef is { } old && old.Name == claim && old.NamespaceProperty == ns)
            {
                await api.PatchAsync<V1PersistentVolume>(volume, null,
                    new JsonObject { ["spec"] = new JsonObject { ["claimRef"] = new JsonObject { ["uid"] = null, ["resourceVersion"] = null } } }, stop);
                events.Changed($"claim/{claim}", "bound to its existing data");
            }
            return NodeOf(existing);
        }
        var node = await ChooseNodeAsync(api, claim, avoid, stop);
        try
        {
            await api.CreateAsync(Folder(volume, ns, claim, node), stop);
            return node.Metadata.Name;
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeExists)
        {
            // A concurrent run created it, possibly on another node.
            return await api.FindAsync<V1PersistentVolume>(volume, null, stop) is { } created ? NodeOf(created) : null;
        }
    }

    internal static V1PersistentVolume Folder(string volume, string ns, string claim, V1Node node) => new()
    {
        Metadata = new()
        {
            Name = volume, Labels = ManagedLabels.Labels(),
            Annotations = new Dictionary<string, string> { [ManagedLabels.NodeAnnotation] = node.Metadata.Name }
        },
        Spec = new()
        {
            AccessModes = ["ReadWriteOnce"],
            Capacity = Size,
            ClaimRef = new() { ApiVersion = "v1", Kind = "PersistentVolumeClaim", NamespaceProperty = ns, Name = claim },
            HostPath = new() { Path = $"{Root}/{ns}/{claim}", Type = "DirectoryOrCreate" },
            NodeAffinity = new()
            {
                Required = new()
                {
                    NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = Hostname, OperatorProperty = "In",
                        Values = [node.Metadata.Labels[Hostname]] }] }],
                },
            },
            PersistentVolumeReclaimPolicy = "Retain",
            StorageClassName = "",
        },
    };

    /// <summary>The node whose folder a volume is, or null if it is not one of these volumes.</summary>
    public static string? NodeOf(V1PersistentVolume volume) =>
        volume.Metadata.Annotations?.TryGetValue(ManagedLabels.NodeAnnotation, out var node) == true ? node : null;

    private static async Task<V1Node> ChooseNodeAsync(KubeApi api, string claim, IReadOnlyCollection<string> avoid, CancellationToken stop)
    {
        var volumesByNode = await api.ListAsync<V1PersistentVolume>(null, $"{ManagedLabels.ManagedBy}=kubelab", stop)
            .CountBy(volume => NodeOf(volume) ?? "")
            .ToDictionaryAsync(cancellationToken: stop);
        var nodes = await api.ListAsync<V1Node>(null, (string?)null, stop).ToListAsync(stop);
        return nodes.Where(IsUsable).OrderBy(n => avoid.Count(name => name == n.Metadata.Name))
            .ThenBy(n => volumesByNode.GetValueOrDefault(n.Metadata.Name)).ThenBy(n => n.Metadata.Name, StringComparer.Ordinal).FirstOrDefault()
            ?? throw new KlException(ErrorIds.NoNodeForVolume, KlErrorKind.Failed, claim,
                $"Cluster '{api.Cluster}' has no default StorageClass, and none of its {nodes.Count} nodes can store {claim}:"
                + " every node is not Ready, unschedulable or tainted.",
                "Make a node Ready, or mark a StorageClass as default.");
    }

    internal static bool IsUsable(V1Node node) => KlNode.IsReady(node) && node.Spec?.Unschedulable != true
        && node.Metadata.Labels?.ContainsKey(Hostname) == true
        && (node.Spec?.Taints ?? []).All(t => t.Effect is not ("NoSchedule" or "NoExecute"));

    /// <summary>Whether the cluster has a default StorageClass.</summary>
    public static async Task<bool> HasDefaultClassAsync(KubeApi api, CancellationToken stop) =>
        await api.ListAsync<V1StorageClass>(null, (string?)null, stop).AnyAsync(c => (c.Metadata.Annotations ?? new Dictionary<string, string>())
            .Any(a => a is { Key: "storageclass.kubernetes.io/is-default-class" or "storageclass.beta.kubernetes.io/is-default-class", Value: "true" }), stop);

    private static async Task IgnoreExistingAsync(Func<Task> create)
    {
        try
        {
            await create();
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeExists)
        {
            // Created concurrently.
        }
    }
}
