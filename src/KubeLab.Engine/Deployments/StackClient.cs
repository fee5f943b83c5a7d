using k8s;
using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Deployments;

/// <summary>Lists the cloud stack of a cluster: applications, containers, virtual resources and cloud platform.</summary>
/// <param name="kube">Opens connections to clusters.</param>
/// <param name="clusters">Finds the machines of a cluster.</param>
/// <param name="providers">The machine providers.</param>
public sealed class StackClient(KubeSession kube, ClusterInventory clusters, IReadOnlyList<IMachineProvider> providers)
{
    private const string KubeSystem = "kube-system", MirrorAnnotation = "kubernetes.io/config.mirror", Kubeadm = "kubeadm", KubeLab = KubeApi.FieldManager;

    // As docker shows it: sha256: and 12 digits.
    private const int ShownDigest = 19;

    /// <summary>Lists the parts of the stack, from top to bottom. Machines are known only for clusters that were created with KubeLab.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="events">Receives warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The errors of KubeApi.</exception>
    public async Task<IReadOnlyList<KlStackItem>> ListAsync(string? cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var nodes = await api.ListAsync<V1Node>(null, (string?)null, stop).Select(node => node.Status.NodeInfo).ToListAsync(stop);
        var machines = (await clusters.FindAsync(api.Cluster, events, stop))?.Machines ?? [];
        var workloads = await WorkloadsAsync(api, stop);
        return
        [
            .. workloads.Where(one => one.Layer == KlStackLayer.Application),
            .. await KubernetesAsync(api, nodes, machines.Count > 0, stop),
            .. workloads.Where(one => one.Layer == KlStackLayer.Containers),
            .. await ResourcesAsync(api, nodes, machines, stop),
            .. await PlatformAsync(api, machines, events, stop),
        ];
    }

    private static async Task<List<KlStackItem>> WorkloadsAsync(KubeApi api, CancellationToken stop)
    {
        var all = new List<KlStackItem>();
        await AddAsync<V1Deployment>(one => (one.Spec.Template.Spec, one.Status?.ReadyReplicas));
        await AddAsync<V1StatefulSet>(one => (one.Spec.Template.Spec, one.Status?.ReadyReplicas));
        await AddAsync<V1DaemonSet>(one => (one.Spec.Template.Spec, one.Status?.NumberReady));
        return all;

        async Task AddAsync<T>(Func<T, (V1PodSpec Pod, int? Ready)> parts) where T : class, IKubernetesObject<V1ObjectMeta>
        {
            await foreach (var one in api.ListAsync<T>(null, (string?)null, stop))
                all.Add(new()
                {
                    Cluster = api.Cluster,
                    Layer = one.Metadata.NamespaceProperty == KubeSystem ? KlStackLayer.Containers : KlStackLayer.Application,
                    Component = one.Metadata.Name,
                    Version = string.Join(", ", parts(one).Pod.Containers.Select(container => VersionOf(container.Image)).Distinct()),
                    Count = parts(one).Ready ?? 0,
                    DeployedBy = ManagerOf(one.Metadata),
                });
        }
    }

    private static async Task<List<KlStackItem>> KubernetesAsync(KubeApi api, List<V1NodeSystemInfo> nodes, bool isKubeLab, CancellationToken stop)
    {
        var kubeadm = await api.FindAsync<V1ConfigMap>("kubeadm-config", KubeSystem, stop) is null ? null : Kubeadm;
        var pods = await api.ListAsync<V1Pod>(KubeSystem, (string?)null, stop)
            .Where(pod => pod.Metadata.Annotations?.ContainsKey(MirrorAnnotation) == true).ToListAsync(stop);
        var items = Items(api, KlStackLayer.Containers, nodes, node => ("Kubernetes", node.KubeletVersion), kubeadm)
            .Concat(Items(api, KlStackLayer.Containers, pods.SelectMany(pod => pod.Spec.Containers), one => (one.Name, VersionOf(one.Image)), kubeadm))
            .Concat(Items(api, KlStackLayer.Containers, nodes, node => node.ContainerRuntimeVersion.Split("://", 2) is [var name, var version]
                ? (name, version) : (node.ContainerRuntimeVersion, null), isKubeLab ? KubeLab : null)).ToList();
        if (await api.FindAsync<V1Secret>(RegistryState.SecretName, KubeSystem, stop) is not null)
            items.Add(new() { Cluster = api.Cluster, Layer = KlStackLayer.Containers, Component = "registry", Count = 1, DeployedBy = KubeLab });
        return items;
    }

    private static async Task<List<KlStackItem>> ResourcesAsync(
        KubeApi api, List<V1NodeSystemInfo> nodes, IReadOnlyList<Machine> machines, CancellationToken stop)
    {
        var volumes = await api.ListAsync<V1PersistentVolume>(null, (string?)null, stop).ToListAsync(stop);
        return
        [
            .. machines.GroupBy(machine => machine.Provider).SelectMany(group => Items(api, KlStackLayer.VirtualResources, group,
                machine => (machine.IsContainer ? "container" : machine.Size is { } size ? $"server {size}" : "host", machine.Image), group.Key)),
            .. Items(api, KlStackLayer.VirtualResources, nodes, node => (node.OsImage, node.KernelVersion), null),
            .. volumes.GroupBy(volume => ManagerOf(volume.Metadata)).SelectMany(group =>
                Items(api, KlStackLayer.VirtualResources, group, volume => ("persistent volume", volume.Spec.StorageClassName), group.Key)),
        ];
    }

    private async Task<List<KlStackItem>> PlatformAsync(KubeApi api, IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop)
    {
        var items = new List<KlStackItem>();
        foreach (var machine in machines.DistinctBy(one => (one.Provider, one.Location)))
            try
            {
                items.AddRange((await providers.First(one => one.Name == machine.Provider).PlatformAsync(machine, stop)).Select(part =>
                    new KlStackItem { Cluster = api.Cluster, Layer = KlStackLayer.CloudPlatform, Component = part.Name, Version = part.Version, Count = 1 }));
            }
            catch (KlException error)
            {
                events.Warning(machine.Provider, error.Message);
            }
        return items;
    }

    private static IEnumerable<KlStackItem> Items<T>(
        KubeApi api, KlStackLayer layer, IEnumerable<T> all, Func<T, (string Component, string? Version)> describe, string? deployedBy) =>
        all.GroupBy(describe).Select(group => new KlStackItem
        {
            Cluster = api.Cluster, Layer = layer, Component = group.Key.Component, Version = group.Key.Version, Count = group.Count(), DeployedBy = deployedBy,
        });

    // The kube-controller-manager changes the status.
    private static string? ManagerOf(V1ObjectMeta metadata) => metadata.ManagedFields?.Where(one => one.Manager != "kube-controller-manager")
        .MinBy(one => one.Time)?.Manager;

    // name:tag, name@algorithm:digest, or both. Without either, the tag is latest (the distribution specification, "reference").
    private static string VersionOf(string image) =>
        image.Split('@', 2) is [_, var digest] ? digest[..Math.Min(digest.Length, ShownDigest)]
            : image[(image.LastIndexOf('/') + 1)..].Split(':', 2) is [_, var tag] ? tag : "latest";
}
