using System.Security.Cryptography;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Health;

/// <summary>Checks connections between pods on all nodes, to services, to the cluster's DNS and to node ports.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="api">Its API.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
internal sealed class Connections(KlCluster cluster, KubeApi api, IHostPool hosts, TimeProvider clock)
{
    private const string Name = "connections";
    private const int Parallelism = 16;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CleanTimeout = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, NodeError> Errors = new()
    {
        [ErrorIds.ConnectivityFailed] = new(KlErrorKind.Failed, "Check the state of containerd on the machine."),
    };

    private readonly string _namespace = "kubelab-test-" + RandomNumberGenerator.GetHexString(6, lowercase: true);

    /// <summary>Runs a pod on each node, and connects from it. The pods are removed also after an error or a cancellation.</summary>
    public async Task TestAsync(IReadOnlyList<V1Node> nodes, Action<KlCheck> found, IProgress<LabEvent> events, CancellationToken stop)
    {
        var check = new Checks(cluster, "PodNetwork");
        var ready = nodes.Where(KlNode.IsReady).ToList();
        // It is on every node, because every pod needs it.
        if (ready.SelectMany(node => node.Status.Images ?? []).SelectMany(image => image.Names ?? []).FirstOrDefault(IsPause) is not { } image)
        {
            found(check.Unknown(cluster.Name, "no node has the image pause, which is necessary to check connections"));
            return;
        }
        events.Step(cluster.Name, "Starting a pod on each node");
        try
        {
            var port = await CreateAsync(image, stop);
            var (pods, problem) = await PodsAsync(ready, stop);
            foreach (var node in ready.Where(node => !pods.ContainsKey(node.Metadata.Name)))
                found(check.Failed(node.Metadata.Name, $"a pod did not start on it: {problem}", "Check the events of its pods and the log of its kubelet."));
            events.Step(cluster.Name, "Connecting pods, services and node ports");
            await Fleet.AllAsync([.. pods.Keys], async (node, token) =>
            {
                foreach (var one in await TestAsync(node, pods, ready, port, events, token))
                    found(one);
                return node;
            }, Parallelism, stop);
        }
        finally
        {
            using var limit = new TimeLimit(CleanTimeout, clock, CancellationToken.None);
            await api.DeleteAsync<V1Namespace>(_namespace, null, limit.Token);
        }
    }

    private static bool IsPause(string image) => image.Contains("/pause:", StringComparison.Ordinal) || image.StartsWith("pause:", StringComparison.Ordinal);

    // Returns the node port of a service that leads to the API servers, because the pods have no server.
    private async Task<int> CreateAsync(string image, CancellationToken stop)
    {
        var labels = ManagedLabels.Labels(Name);
        await api.CreateAsync(new V1Namespace { Metadata = new() { Name = _namespace, Labels = ManagedLabels.Labels() } }, stop);
        await api.CreateAsync(new V1DaemonSet
        {
            Metadata = new() { Name = Name, NamespaceProperty = _namespace },
            Spec = new()
            {
                Selector = new() { MatchLabels = labels },
                Template = new()
                {
                    Metadata = new() { Labels = labels },
                    Spec = new()
                    {
                        AutomountServiceAccountToken = false,
                        TerminationGracePeriodSeconds = 0,
                        Tolerations = [new() { OperatorProperty = "Exists" }],
                        Containers = [new() { Name = "pause", Image = image, ImagePullPolicy = "IfNotPresent" }],
                    },
                },
            },
        }, stop);
        var servers = await api.FindAsync<V1Endpoints>("kubernetes", "default", stop);
        await api.CreateAsync(new V1Endpoints { Metadata = new() { Name = Name, NamespaceProperty = _namespace }, Subsets = servers?.Subsets }, stop);
        var service = await api.CreateAsync(new V1Service
        {
            Metadata = new() { Name = Name, NamespaceProperty = _namespace },
            Spec = new() { Type = "NodePort", Ports = [new() { Name = "https", Port = 443 }] },
        }, stop);
        return service.Spec.Ports[0].NodePort!.Value;
    }

    // The running pods by node, and why others do not run.
    private async Task<(IReadOnlyDictionary<string, V1Pod> Pods, string Problem)> PodsAsync(List<V1Node> nodes, CancellationToken stop)
    {
        var (pods, verdict) = await Wait.TryUntilAsync(
            async token => await api.ListAsync<V1Pod>(_namespace, new KubeSelector(), token)
                .Where(pod => pod is { Spec.NodeName: not null, Status: { Phase: "Running", PodIP: not null } }).ToListAsync(token),
            pods => nodes.Count(node => pods.All(pod => pod.Spec.NodeName != node.Metadata.Name)) is > 0 and var missing
                ? Verdict.Pending($"{missing} of {nodes.Count} pods do not run after {StartTimeout.TotalSeconds:0} s") : Verdict.Ready,
            new(cluster.Name, "a pod on each node", StartTimeout, TimeSpan.FromMilliseconds(500)), clock, stop);
        return ((pods ?? []).ToDictionary(pod => pod.Spec.NodeName), verdict.Reason);
    }

    private async Task<IReadOnlyList<KlCheck>> TestAsync(string node, IReadOnlyDictionary<string, V1Pod> pods, List<V1Node> nodes, int port,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var check = new Checks(cluster, "PodNetwork");
        if (cluster.Machines.FirstOrDefault(one => one.Name == node) is not { } machine)
            return [check.Unknown(node, "KubeLab has no access to its machine")];
        try
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            return Judge(node, await NodeScript.RunAsync(host, "connectivity", new Dictionary<string, string?>
            {
                ["POD"] = pods[node].Metadata.Uid,
                // Port 9 is that of the discard service, which no pod of this namespace has.
                ["PODS"] = string.Join(' ', pods.Where(one => one.Key != node).Select(one => $"{one.Key}={one.Value.Status.PodIP}:9")),
                ["NODE_PORTS"] = string.Join(' ', nodes.Select(one => $"{one.Metadata.Name}={AddressOf(one)}:{port}")),
                ["SERVICE"] = await ServiceAsync("kubernetes", "default", stop) + ":443",
                ["DNS"] = await ServiceAsync("kube-dns", "kube-system", stop),
            }, Errors, ErrorIds.ConnectivityFailed, events, stop));
        }
        catch (KlException error)
        {
            return [check.Unknown(node, error.Message)];
        }
    }

    private static string? AddressOf(V1Node node) => node.Status.Addresses?.FirstOrDefault(one => one.Type == "InternalIP")?.Address;

    private async Task<string?> ServiceAsync(string name, string ns, CancellationToken stop) =>
        (await api.FindAsync<V1Service>(name, ns, stop))?.Spec.ClusterIP;

    private IReadOnlyList<KlCheck> Judge(string node, IReadOnlyDictionary<string, string> facts)
    {
        return
        [
            Reaches("PodNetwork", "pod.", "pods on", "Check the pod network: the pods of its DaemonSet, the routes of the nodes, and their firewalls."),
            Reaches("NodePort", "port.", "node ports of", "Check the pods of kube-proxy, and the firewalls of the nodes."),
            facts.GetValueOrDefault("service") == "ok" ? new Checks(cluster, "Service").Passed(node, "pods reach services") : new Checks(cluster, "Service")
                .Failed(node, "pods do not reach the service of the API server", "Check the pod of kube-proxy on this node."),
            facts.GetValueOrDefault("dns") == "ok" ? new Checks(cluster, "Dns").Passed(node, "pods resolve the names of services") : new Checks(cluster, "Dns")
                .Failed(node, "pods do not resolve the names of services", "Check the pods of CoreDNS, and whether pods on this node reach them."),
        ];

        KlCheck Reaches(string name, string prefix, string what, string nextStep)
        {
            var targets = facts.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToLookup(one => one.Value == "ok", one => one.Key[prefix.Length..]);
            return targets[false].Any()
                ? new Checks(cluster, name).Failed(node, $"pods do not reach {what} {string.Join(", ", targets[false].Order())}", nextStep)
                : new Checks(cluster, name).Passed(node, $"pods reach {what} {targets[true].Count()} nodes");
        }
    }
}
