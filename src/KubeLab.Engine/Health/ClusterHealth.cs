using System.Collections.Concurrent;
using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Health;

/// <summary>Checks whether clusters work.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="kubeadm">Asks etcd.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class ClusterHealth(KubeSession kube, Kubeadm kubeadm, IHostPool hosts, TimeProvider clock)
{
    private const int Parallelism = 16;

    // From the machines to what runs on them.
    private static readonly string[] Order =
        ["Machine", "Clock", "Disk", "Etcd", "ApiServer", "Api", "Node", "SystemPod", "Registry", "PodNetwork", "Service", "NodePort", "Dns"];

    /// <summary>Checks machines, control planes, nodes, system pods, and connections between pods, for which a pod runs on each node meanwhile.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="connects">Whether connections are checked.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task<IReadOnlyList<KlCheck>> TestAsync(KlCluster cluster, bool connects, IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = new ConcurrentBag<KlCheck>();
        Action<KlCheck> found = all.Add;
        var machines = new MachineChecks(cluster, hosts, clock);
        await Task.WhenAll(
            Fleet.AllAsync(cluster.Machines, async (machine, token) =>
            {
                foreach (var check in await machines.RunAsync(machine, events, token))
                    found(check);
                return machine;
            }, Parallelism, stop),
            TestEtcdAsync(cluster, found, events, stop),
            TestApiAsync(cluster, connects, found, events, stop));
        return [.. all.OrderBy(one => Array.IndexOf(Order, one.Check)).ThenBy(one => one.Target, MachineOrder.Names)];
    }

    private async Task TestEtcdAsync(KlCluster cluster, Action<KlCheck> found, IProgress<LabEvent> events, CancellationToken stop)
    {
        var result = new Checks(cluster, "Etcd");
        try
        {
            var control = cluster.ControlPlanes.FirstOrDefault(machine => machine.State == "Running") ?? cluster.ControlPlane;
            var (members, healthy) = await kubeadm.EtcdHealthAsync(control, events, stop);
            var lost = members.Except(healthy).ToList();
            found(members.Count == 0 ? result.Unknown(cluster.Name, "it does not run on the control planes")
                : lost.Count == 0 ? result.Passed(cluster.Name, $"{members.Count} members are healthy")
                : healthy.Count > members.Count / 2 ? result.Warning(cluster.Name, $"{string.Join(", ", lost)} of {members.Count} members are not healthy",
                    "Start these control planes, or remove them from the cluster.")
                : result.Failed(cluster.Name, $"only {healthy.Count} of {members.Count} members are healthy", "Start the other control planes."));
        }
        catch (KlException error)
        {
            found(result.Unknown(cluster.Name, error.Message));
        }
    }

    private async Task TestApiAsync(KlCluster cluster, bool connects, Action<KlCheck> found, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster.Context);
        try
        {
            await api.EnsureReadyAsync(stop);
        }
        catch (KlException error)
        {
            found(new Checks(cluster, "Api").Failed(cluster.Name, error.Message, "Start its control plane, and check the logs of the kubelet there."));
            return;
        }
        found(new Checks(cluster, "Api").Passed(cluster.Name, $"{cluster.Server} is ready"));
        var nodes = await api.ListAsync<V1Node>(null, new KubeSelector(), stop).ToListAsync(stop);
        foreach (var node in nodes)
            found(NodeCheck(cluster, node));
        foreach (var check in await SystemPodsAsync(cluster, api, stop))
            found(check);
        if (connects)
            await new Connections(cluster, api, hosts, clock).TestAsync(nodes, found, events, stop);
    }

    private static KlCheck NodeCheck(KlCluster cluster, V1Node node)
    {
        var (result, conditions) = (new Checks(cluster, "Node"), node.Status?.Conditions ?? []);
        if (conditions.FirstOrDefault(one => one.Type == "Ready") is not { Status: "True" } ready)
            return result.Failed(node.Metadata.Name, conditions.FirstOrDefault(one => one.Type == "Ready")?.Message ?? "it has not reported",
                "Check the log of its kubelet: journalctl -u kubelet");
        return conditions.FirstOrDefault(one => one.Type != "Ready" && one.Status == "True") is { } problem
            ? result.Warning(node.Metadata.Name, $"{problem.Type}: {problem.Message}") : result.Passed(node.Metadata.Name, ready.Message ?? "it is ready");
    }

    private static async Task<IReadOnlyList<KlCheck>> SystemPodsAsync(KlCluster cluster, KubeApi api, CancellationToken stop)
    {
        var (result, pods) = (new Checks(cluster, "SystemPod"), await api.ListAsync<V1Pod>("kube-system", new KubeSelector(), stop).ToListAsync(stop));
        var failed = pods.Where(pod => pod.Status?.Phase != "Succeeded"
            && pod.Status?.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) != true).ToList();
        return failed.Count == 0 ? [result.Passed(cluster.Name, $"{pods.Count} pods in kube-system are ready")]
            : [.. failed.Select(pod => result.Warning(pod.Metadata.Name, Reason(pod), "Check the events and the log of the pod."))];

        static string Reason(V1Pod pod) => pod.Status?.ContainerStatuses?.Select(one => one.State?.Waiting?.Reason).FirstOrDefault(one => one is not null)
            ?? pod.Status?.Conditions?.FirstOrDefault(one => one is { Type: "PodScheduled", Status: "False" })?.Message ?? "it is not ready";
    }
}
