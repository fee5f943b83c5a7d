using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Claims whose data outlive pods and deployments: from the default StorageClass, else a folder on one node.</summary>
internal static class Volumes
{
    private const string Root = "/var/lib/kubelab/volumes";
    private const string Hostname = "kubernetes.io/hostname";
    private static readonly TimeSpan BindingTakes = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, ResourceQuantity> Size = new() { ["storage"] = new("5Gi") };

    /// <summary>Makes what is absent; a claim that is there stays as it is.</summary>
    /// <exception cref="KlException">NoNodeForVolume.</exception>
    public static async Task EnsureAsync(KubeApi api, string ns, string claim, IProgress<LabEvent> events, CancellationToken stop)
    {
        var there = await api.FindAsync<V1PersistentVolumeClaim>(claim, ns, stop);
        var volume = $"{ns}.{claim}";
        var isStatic = there is null ? !await HasDefaultClassAsync(api, stop) : there.Spec.VolumeName == volume;
        if (isStatic)
            await EnsureFolderAsync(api, volume, ns, claim, events, stop);
        if (there is not null)
            return;
        await UnlessRacedAsync(() => api.CreateAsync(new V1PersistentVolumeClaim
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
        events.Changed($"claim/{claim}", isStatic ? $"made, kept in {Root}/{ns}/{claim} on one node" : "made of the default storage class");
        if (isStatic)
            await BoundAsync(api, ns, claim, stop);
    }

    /// <summary>A scheduler that sees the pod before its claim is bound puts it aside, up to a minute; a class that waits for the first pod is another matter.</summary>
    private static async Task BoundAsync(KubeApi api, string ns, string claim, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(BindingTakes);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            await api.WatchAsync<V1PersistentVolumeClaim>(ns, KubeSelector.Named(claim), either.Token).FirstAsync(c => c.Object.Status?.Phase == "Bound", either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The pod's own state will say what is wrong with it.
        }
    }

    private static async Task EnsureFolderAsync(KubeApi api, string volume, string ns, string claim, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await api.FindAsync<V1PersistentVolume>(volume, null, stop) is { } there)
        {
            // Its claim was deleted and asked for again: the same data, by binding to the new one.
            if (there.Status?.Phase == "Released" && there.Spec.ClaimRef is { } old && old.Name == claim && old.NamespaceProperty == ns)
            {
                await api.PatchAsync<V1PersistentVolume>(volume, null, new JsonObject { ["spec"] = new JsonObject { ["claimRef"] = new JsonObject { ["uid"] = null, ["resourceVersion"] = null } } }, stop);
                events.Changed($"claim/{claim}", "given its old data back");
            }
            return;
        }
        var node = await ChooseNodeAsync(api, claim, stop);
        await UnlessRacedAsync(() => api.CreateAsync(Folder(volume, ns, claim, node), stop));
    }

    internal static V1PersistentVolume Folder(string volume, string ns, string claim, V1Node node) => new()
    {
        Metadata = new() { Name = volume, Labels = ManagedLabels.Labels(), Annotations = new Dictionary<string, string> { [ManagedLabels.NodeAnnotation] = node.Metadata.Name } },
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
                    NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = Hostname, OperatorProperty = "In", Values = [node.Metadata.Labels[Hostname]] }] }],
                },
            },
            PersistentVolumeReclaimPolicy = "Retain",
            StorageClassName = "",
        },
    };

    private static async Task<V1Node> ChooseNodeAsync(KubeApi api, string claim, CancellationToken stop)
    {
        var held = await api.ListAsync<V1PersistentVolume>(null, $"{ManagedLabels.ManagedBy}=kubelab", stop)
            .CountBy(v => v.Metadata.Annotations?.TryGetValue(ManagedLabels.NodeAnnotation, out var node) == true ? node : "").ToDictionaryAsync(cancellationToken: stop);
        var nodes = await api.ListAsync<V1Node>(null, (string?)null, stop).ToListAsync(stop);
        return nodes.Where(Takes).OrderBy(n => held.GetValueOrDefault(n.Metadata.Name)).ThenBy(n => n.Metadata.Name, StringComparer.Ordinal).FirstOrDefault()
            ?? throw new KlException(ErrorIds.NoNodeForVolume, KlErrorKind.Failed, claim,
                $"{api.Cluster} has no default StorageClass, and none of its {nodes.Count} nodes can keep the data of {claim}: each is not Ready, unschedulable or tainted.",
                "Make a node Ready (Get-KlNode), or mark a StorageClass as default.");
    }

    internal static bool Takes(V1Node node) => KlNode.IsReady(node) && node.Spec?.Unschedulable != true
        && node.Metadata.Labels?.ContainsKey(Hostname) == true
        && (node.Spec?.Taints ?? []).All(t => t.Effect is not ("NoSchedule" or "NoExecute"));

    private static async Task<bool> HasDefaultClassAsync(KubeApi api, CancellationToken stop) =>
        await api.ListAsync<V1StorageClass>(null, (string?)null, stop).AnyAsync(c => (c.Metadata.Annotations ?? new Dictionary<string, string>())
            .Any(a => a is { Key: "storageclass.kubernetes.io/is-default-class" or "storageclass.beta.kubernetes.io/is-default-class", Value: "true" }), stop);

    private static async Task UnlessRacedAsync(Func<Task> make)
    {
        try
        {
            await make();
        }
        catch (KlException raced) when (raced.ErrorId == ErrorIds.KubeExists)
        {
            // Another run made the same a moment ago.
        }
    }
}
