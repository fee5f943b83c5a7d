using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Drains a node, as kubectl drain --force does.</summary>
internal delegate Task DrainNode(KubeApi api, string node, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop);

/// <summary>Accesses clusters through <see cref="KubeSession"/>.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="drain">Drains a node.</param>
internal sealed class ClusterAccess(KubeSession kube, DrainNode drain) : IClusterAccess
{
    /// <inheritdoc/>
    public INodeApi Open(string cluster) => Open(kube.Open(cluster));

    /// <inheritdoc/>
    public Task<bool> MergeAsync(string cluster, string adminConf, Uri server, CancellationToken stop) =>
        Kubeconfig.MergeAsync(cluster, adminConf, server, kube.Clock, stop);

    /// <inheritdoc/>
    public Task RemoveAsync(string cluster, CancellationToken stop) => Kubeconfig.RemoveAsync(cluster, kube.Clock, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop) => Kubeconfig.ListAsync(stop);

    /// <summary>Accesses an opened cluster. Disposing the result closes it.</summary>
    internal INodeApi Open(KubeApi api) => new NodeApi(api, drain);

    internal sealed class NodeApi(KubeApi api, DrainNode drain) : INodeApi
    {
        private static readonly string[] SystemNamespaces = ["kube-system", "kube-flannel", "calico-system", "calico-apiserver", "tigera-operator"];
        private bool _isReady;

        public async Task EnsureReadyAsync(CancellationToken stop)
        {
            _isReady = false;
            await api.EnsureReadyAsync(stop);
            _isReady = true;
        }

        public async Task<IReadOnlyList<NodeState>> NodesAsync(CancellationToken stop)
        {
            // A restarted API server denies all requests until it has loaded its roles.
            if (!_isReady)
                await EnsureReadyAsync(stop);
            // A failed list may be the beginning of a restart.
            _isReady = false;
            var nodes = new List<NodeState>();
            await foreach (var node in api.ListAsync<V1Node>(null, new KubeSelector(), stop))
                nodes.Add(State(node));
            _isReady = true;
            return nodes;
        }

        public async Task<IReadOnlyList<MissingObject>> MissingAsync(string version, CancellationToken stop)
        {
            var checks = await Task.WhenAll(
                CheckAsync<V1DaemonSet>("kube-proxy", "addon/kube-proxy"),
                CheckAsync<V1ConfigMap>("kube-proxy", "addon/kube-proxy"),
                CheckAsync<V1ServiceAccount>("kube-proxy", "addon/kube-proxy"),
                CheckAsync<V1Deployment>("coredns", "addon/coredns"),
                CheckAsync<V1ConfigMap>("coredns", "addon/coredns"),
                CheckAsync<V1ServiceAccount>("coredns", "addon/coredns"),
                CheckAsync<V1Service>("kube-dns", "addon/coredns"),
                CheckAsync<V1ConfigMap>("kubeadm-config", "upload-config/kubeadm"),
                CheckAsync<V1ConfigMap>(KubeadmConfig.KubeletConfigMap(version), "upload-config/kubelet"),
                CheckAsync<V1ConfigMap>("cluster-info", "bootstrap-token", "kube-public"));
            return [.. checks.OfType<MissingObject>()];

            async Task<MissingObject?> CheckAsync<T>(string name, string phase, string ns = "kube-system")
                where T : class, IKubernetesObject<V1ObjectMeta> =>
                await api.FindAsync<T>(name, ns, stop) is null ? new($"{typeof(T).Name[2..]} {ns}/{name}", phase) : null;
        }

        public async Task<IReadOnlyList<FailedPull>> FailedPullsAsync(string node, CancellationToken stop) => await api
            .ListAsync<V1Pod>(null, new KubeSelector(Fields: KubeSelector.Field("spec.nodeName", node)), stop)
            .Where(pod => SystemNamespaces.Contains(pod.Namespace()))
            .SelectMany(pod => (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
            .Where(container => container.State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff")
            .Select(container => new FailedPull(container.Image, container.State.Waiting.Message ?? container.State.Waiting.Reason))
            .ToListAsync(stop);

        public async Task<bool> ApplyAsync(JsonObject desired, CancellationToken stop) => (await api.ApplyAsync(desired, stop)).Changed;

        public Task DeleteNodeAsync(string name, CancellationToken stop) => api.DeleteAsync<V1Node>(name, null, stop);

        public async Task DeleteOtherNodesAsync(string name, IProgress<LabEvent> events, CancellationToken stop)
        {
            foreach (var node in await NodesAsync(stop))
                if (node.Name != name)
                    await DeleteNodeAsync(node.Name, stop);
            // Kubernetes itself waits a minute before it replaces them.
            var lost = await api.ListAsync<V1Pod>(null, new KubeSelector(), stop).Where(pod => (pod.Spec.NodeName ?? name) != name).ToListAsync(stop);
            foreach (var pod in lost.Where(pod => pod.Metadata.OwnerReferences?.Any(owner => owner.Controller == true) != true))
                events.Warning(api.Cluster, $"the pod {pod.Namespace()}/{pod.Name()} was removed with its node, and no controller creates it again");
            await Fleet.AllAsync(lost, async (pod, token) =>
            {
                try
                {
                    await api.KillPodAsync(pod, token);
                }
                catch (KlException error) when (error.ErrorId is ErrorIds.KubeNotFound or ErrorIds.KubeConflict)
                {
                    // Kubernetes removed or replaced it.
                }
                return pod;
            }, 16, stop);
        }

        public Task DrainAsync(string node, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop) =>
            drain(api, node, timeout, events, stop);

        public void Dispose() => api.Dispose();

        private static NodeState State(V1Node node)
        {
            var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
            // The taint is removed shortly after the condition changes. Until then no pod is scheduled.
            var taint = node.Spec?.Taints?.FirstOrDefault(one => one.Key is "node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable")?.Key;
            var isReady = ready?.Status == "True";
            return new(
                node.Name(), isReady && taint is null,
                isReady ? $"it still has the taint {taint}" : ready?.Message ?? "its kubelet has not reported yet", node.Spec?.PodCIDR,
                node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address,
                (node.Status?.NodeInfo?.KubeletVersion ?? "").TrimStart('v'), ready?.LastHeartbeatTime)
            {
                IsControlPlane = NodeState.HasControlPlaneLabel(node),
            };
        }
    }
}
