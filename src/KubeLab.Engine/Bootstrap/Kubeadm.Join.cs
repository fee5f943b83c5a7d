using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>kubeadm join.</summary>
public sealed partial class Kubeadm
{
    private static readonly string[] ApiUnavailable =
    [
        "connection refused", "i/o timeout", "deadline exceeded", "EOF", "TLS handshake timeout", "no route to host", "etcdserver:", "connection reset",
        "ServiceUnavailable",
    ];

    /// <summary>Joins machines that are not nodes yet, sets up their pod network and waits until every node is Ready.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="more">Machines in addition to <see cref="KlCluster.Machines"/>.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="failed">Receives each machine that could not be joined. The others continue.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The cluster with the machines that are its nodes.</returns>
    /// <exception cref="KlException">ClusterNotInitialized, ApiServerTimeout, NodeTimeout (with the kubelet's log of the node).</exception>
    public async Task<KlCluster> JoinAsync(
        KlCluster cluster, IReadOnlyList<Machine> more, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var control = cluster.ControlPlane;
        var found = await GatherFactsAsync([.. cluster.Machines.Concat(more).DistinctBy(one => one.Name)], events, failed, stop);
        var facts = found.FirstOrDefault(one => one.Machine.Name == control.Name).Facts;
        if (facts is not { IsControlPlane: true, IsDone: true } || facts.Cluster != cluster.Name)
            throw new KlException(ErrorIds.ClusterNotInitialized, KlErrorKind.NotFound, cluster.Name,
                $"{control} is not the control plane of {cluster}, or does not respond.");

        var started = new Dictionary<string, DateTimeOffset?> { [control.Name] = await StartServicesAsync(control, facts, events, stop) };
        using var api = _clusters.Open(cluster.Name);
        return await JoinAsync(api, cluster, found, facts, started, events, failed, stop);
    }

    private async Task<KlCluster> JoinAsync(
        INodeApi api, KlCluster cluster, IReadOnlyList<(Machine Machine, NodeFacts Facts)> found, NodeFacts facts,
        Dictionary<string, DateTimeOffset?> started, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var control = cluster.ControlPlane;
        var known = await NodesAsync(api, cluster.Name, events, stop);
        await RepairAsync(api, cluster.Name, control, facts, events, stop);
        var joined = new List<Machine> { control };
        var secret = new Lazy<Task<JoinSecret>>(() => CreateSecretAsync(control, events, stop));
        var workers = found.Where(one => one.Machine.Name != control.Name);
        await foreach (var (one, start, error) in Fleet.RunAsync(
            workers, (one, token) => JoinAsync(cluster, one.Machine, one.Facts, known, api, secret, events, token), Parallelism, stop))
            if (error is null)
            {
                joined.Add(one.Machine);
                started[one.Machine.Name] = start;
            }
            else
                failed(one.Machine, error);

        joined.Sort(1, joined.Count - 1, MachineOrder.Natural);
        if (facts.PodNetwork == PodNetworks.HostRoutes)
            await _networks.RouteAsync(api, cluster.Name, joined, facts.PodSubnet!, events, stop);
        await WaitForReadyAsync(api, cluster, joined, started, events, stop);
        return cluster with { Machines = [.. joined], ReadyNodes = joined.Count, Version = facts.Kubeadm };
    }

    // Returns when the kubelet of an existing node was started, or null.
    private async Task<DateTimeOffset?> JoinAsync(
        KlCluster cluster, Machine machine, NodeFacts facts, IReadOnlyList<NodeState> known, INodeApi api, Lazy<Task<JoinSecret>> secret,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var isListed = known.Any(node => node.Name == machine.Name);
        // A concurrent run may have joined the machine after its facts were gathered.
        if (isListed && !facts.HasKubelet)
            facts = await FactsAsync(machine, events, stop);
        if (facts.Cluster is not null && facts.Cluster != cluster.Name)
            throw InUse(machine, facts);
        if (facts.HasKubelet && isListed)
        {
            events.Detail(machine.Name, "is already a node");
            return await StartServicesAsync(machine, facts, events, stop);
        }
        // The machine was recreated under the same name. kubeadm fails while the old node is Ready.
        if (isListed)
            await api.DeleteNodeAsync(machine.Name, stop);
        await Wait.UntilAsync(
            async token => await TryJoinAsync(cluster, machine, facts, await secret.Value, events, token),
            reason => reason is null ? Verdict.Ready : Verdict.Pending(reason),
            new(machine.Name, $"{machine} to join {cluster}", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5))
            {
                FailedId = ErrorIds.JoinFailed, TimeoutId = ErrorIds.JoinTimeout,
            },
            _clock, stop, reason => events.Detail(machine.Name, "the API server does not respond; retrying: " + reason));
        return null;
    }

    // Returns null on success, or the reason if the API server was unavailable and a retry may succeed.
    private async Task<string?> TryJoinAsync(
        KlCluster cluster, Machine machine, NodeFacts facts, JoinSecret secret, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await RunAsync(machine, "join", new()
            {
                ["CLUSTER"] = cluster.Name,
                ["SERVER"] = $"{cluster.ControlPlane.Address}",
                ["CONFIG"] = KubeadmConfig.Join(facts.Kubeadm!, machine, secret),
                ["SEEN"] = facts.Stamp,
            }, ErrorIds.JoinFailed, events, stop);
            return null;
        }
        catch (KlException error) when (
            error.ErrorId == ErrorIds.JoinFailed && ApiUnavailable.Any(text => error.Message.Contains(text, StringComparison.Ordinal)))
        {
            return error.Message;
        }
    }

    private async Task<JoinSecret> CreateSecretAsync(Machine control, IProgress<LabEvent> events, CancellationToken stop)
    {
        var facts = await RunAsync(control, "token", [], ErrorIds.TokenFailed, events, stop);
        return new($"{control.Address}:{ApiPort}", facts["token"], JoinSecret.HashOf(Encoding.ASCII.GetString(Convert.FromBase64String(facts["ca"]))));
    }

    private async Task WaitForReadyAsync(INodeApi api, KlCluster cluster, List<Machine> machines, Dictionary<string, DateTimeOffset?> started,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var (missing, pulls) = ((NodeState?)null, new FailedPulls(api, _clock));
        try
        {
            events.Step(cluster.Name, $"Waiting for {machines.Count} nodes to be Ready");
            await Wait.UntilAsync(
                async token =>
                {
                    var nodes = await NodesAsync(api, cluster.Name, events, token);
                    var all = machines.Select(machine => Current(machine.Name, nodes)).Where(node => !node.IsReady).ToList();
                    missing = all.FirstOrDefault();
                    return missing is null ? Verdict.Ready
                        : Verdict.Pending($"{missing.Name} is not Ready: {await pulls.ReasonAsync(all.Select(node => node.Name), token) ?? missing.Reason}");
                },
                verdict => verdict,
                new(cluster.Name, $"all nodes of {cluster} to be Ready", TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500))
                {
                    FailedId = ErrorIds.NodeNotReady, TimeoutId = ErrorIds.NodeTimeout,
                },
                _clock, stop, reason => events.Detail(cluster.Name, reason));
        }
        catch (KlException timeout) when (timeout.ErrorId == ErrorIds.NodeTimeout)
        {
            var machine = machines.First(one => one.Name == missing!.Name);
            throw new KlException(timeout.ErrorId, timeout.Kind, machine.Name, $"{timeout.Message}\n{await KubeletLogAsync(machine, stop)}",
                inner: timeout);
        }

        // A kubelet that was stopped counts as Ready for another 40 s. Until it reports again, that is not known.
        NodeState Current(string name, IReadOnlyList<NodeState> nodes) => nodes.FirstOrDefault(node => node.Name == name) switch
        {
            null => new(name, false, "it has not registered yet", null, null, ""),
            var node when node.Reported < started[name] => node with { IsReady = false, Reason = "its kubelet has not reported since it was started" },
            var node => node,
        };
    }

    private async Task<string> KubeletLogAsync(Machine machine, CancellationToken stop)
    {
        try
        {
            await using var host = _hosts.Open(machine.Name, machine.Ssh);
            return "The kubelet's log:\n"
                + await host.CheckAsync(new HostCommand("journalctl", "-u", "kubelet", "-n", "15", "--no-pager", "-o", "cat"), stop);
        }
        catch (KlException error)
        {
            return "The kubelet's log could not be read: " + error.Message;
        }
    }
}
