using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>kubeadm join.</summary>
public sealed partial class Kubeadm
{
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

        var started = await StartServicesAsync(control, facts, events, stop);
        using var api = _clusters.Open(cluster.Name);
        var known = await NodesAsync(api, cluster.Name, events, stop);
        await RepairAsync(api, cluster.Name, control, facts, events, stop);
        var run = new JoinRun(this, cluster, facts, api, known, new(() => CreateSecretAsync(control, events, stop)), events);
        var joined = await run.JoinAsync(found.Where(one => one.Machine.Name != control.Name), failed, stop);
        Machine[] machines = [control, .. joined.Select(one => one.Machine)];
        var controls = machines.Where(one => one == control || known.Any(node => node.IsControlPlane && node.Name == one.Name)).ToArray();
        if (facts.PodNetwork == PodNetworks.HostRoutes)
            await _networks.RouteAsync(api, cluster.Name, machines, facts.PodSubnet!, events, stop);
        await run.WaitForReadyAsync([(control, started), .. joined], stop);
        await FollowNodesAsync(api, control, events, stop);
        return cluster with { ControlPlanes = [.. controls], Machines = [.. machines], ReadyNodes = machines.Length, Version = facts.Kubeadm };
    }

    private async Task<JoinSecret> CreateSecretAsync(Machine control, IProgress<LabEvent> events, CancellationToken stop)
    {
        var facts = await RunAsync(control, "token", [], ErrorIds.TokenFailed, events, stop);
        return new($"{control.Address}:{ApiPort}", facts["token"], JoinSecret.HashOf(Encoding.ASCII.GetString(Convert.FromBase64String(facts["ca"]))));
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

    /// <summary>One run of <see cref="Kubeadm.JoinAsync"/>.</summary>
    private sealed class JoinRun(
        Kubeadm kubeadm, KlCluster cluster, NodeFacts control, INodeApi api, IReadOnlyList<NodeState> known, Lazy<Task<JoinSecret>> secret,
        IProgress<LabEvent> events)
    {
        public string Role { get; init; } = WorkerRole;

        // The cluster has no workers, so control planes also run workloads.
        public bool HasNoWorkers { get; init; }

        // The machines that are nodes now, in natural order, and when their kubelets were started, if that is known.
        public async Task<IReadOnlyList<(Machine Machine, DateTimeOffset? Started)>> JoinAsync(
            IEnumerable<(Machine Machine, NodeFacts Facts)> workers, Action<Machine, Exception> failed, CancellationToken stop)
        {
            var joined = new List<(Machine Machine, DateTimeOffset? Started)>();
            await foreach (var (one, started, error) in Fleet.RunAsync(
                workers, (one, token) => JoinAsync(one.Machine, one.Facts, token), Parallelism, stop))
                if (error is null)
                    joined.Add((one.Machine, started));
                else
                    failed(one.Machine, error);
            return [.. joined.OrderBy(one => one.Machine, MachineOrder.Natural)];
        }

        public async Task WaitForReadyAsync(IReadOnlyList<(Machine Machine, DateTimeOffset? Started)> joined, CancellationToken stop)
        {
            var (missing, pulls) = ((NodeState?)null, new FailedPulls(api, kubeadm._clock));
            try
            {
                events.Step(cluster.Name, $"Waiting for {joined.Count} nodes to be Ready");
                await Wait.UntilAsync(
                    async token =>
                    {
                        var nodes = await kubeadm.NodesAsync(api, cluster.Name, events, token);
                        var all = joined.Select(one => Current(one.Machine.Name, one.Started, nodes)).Where(node => !node.IsReady).ToList();
                        missing = all.FirstOrDefault();
                        if (missing is null)
                            return Verdict.Ready;
                        var reason = await pulls.ReasonAsync(all.Select(node => node.Name), token) ?? missing.Reason;
                        return Verdict.Pending($"{missing.Name} is not Ready: {reason}");
                    },
                    verdict => verdict,
                    new(cluster.Name, $"all nodes of {cluster} to be Ready", TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500))
                    {
                        FailedId = ErrorIds.NodeNotReady, TimeoutId = ErrorIds.NodeTimeout,
                    },
                    kubeadm._clock, stop, reason => events.Detail(cluster.Name, reason));
            }
            catch (KlException timeout) when (timeout.ErrorId == ErrorIds.NodeTimeout)
            {
                var machine = joined.First(one => one.Machine.Name == missing!.Name).Machine;
                throw new KlException(timeout.ErrorId, timeout.Kind, machine.Name,
                    $"{timeout.Message}\n{await kubeadm.KubeletLogAsync(machine, stop)}", inner: timeout);
            }
        }

        // A kubelet that was stopped counts as Ready for another 40 s. Until it reports again, that is not known.
        private static NodeState Current(string name, DateTimeOffset? started, IReadOnlyList<NodeState> nodes) =>
            nodes.FirstOrDefault(node => node.Name == name) switch
            {
                null => new(name, false, "it has not registered yet", null, null, ""),
                var node when node.Reported < started => node with { IsReady = false, Reason = "its kubelet has not reported since it was started" },
                var node => node,
            };

        // Returns when the kubelet of an existing node was started, or null.
        public async Task<DateTimeOffset?> JoinAsync(Machine machine, NodeFacts facts, CancellationToken stop)
        {
            var listed = known.FirstOrDefault(node => node.Name == machine.Name);
            var isListed = listed is not null;
            // A concurrent run may have joined the machine after its facts were gathered.
            if (isListed && !facts.HasKubelet)
                facts = await kubeadm.FactsAsync(machine, events, stop);
            if (facts.Cluster is not null && facts.Cluster != cluster.Name)
                throw InUse(machine, facts);
            if (facts.HasKubelet && isListed && !facts.IsLeaving)
            {
                events.Detail(machine.Name, "is already a node");
                return await kubeadm.StartServicesAsync(machine, facts, events, stop);
            }
            // The machine was recreated under the same name, or its removal was interrupted. kubeadm fails while the old node is Ready.
            if (isListed)
                await api.DeleteNodeAsync(machine.Name, stop);
            var isLastAttempt = false;
            await Wait.UntilAsync(
                async token =>
                {
                    try
                    {
                        // kubeadm cannot add a machine that an interrupted join or an earlier machine of the same name left in etcd.
                        if (Role == ControlPlaneRole || facts.IsJoining || listed is { IsControlPlane: true })
                            await kubeadm.RemoveEtcdMemberAsync(cluster.ControlPlane, machine.Name, $"{machine.Address}", events, token);
                        await RunAsync(machine, facts, token);
                        return Verdict.Ready;
                    }
                    catch (KlException error) when (error.ErrorId == ErrorIds.JoinFailed)
                    {
                        if (await ApiFailureAsync(token) is { } reason)
                            return Verdict.Pending($"{reason}\n{error.Message}");
                        // The API server may have been down when kubeadm ran. If it was not, kubeadm fails again.
                        if (isLastAttempt)
                            throw;
                        isLastAttempt = true;
                        return Verdict.Pending(error.Message);
                    }
                },
                verdict => verdict,
                new(machine.Name, $"{machine} to join {cluster}", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5))
                {
                    FailedId = ErrorIds.JoinFailed, TimeoutId = ErrorIds.JoinTimeout,
                },
                kubeadm._clock, stop, reason => events.Detail(machine.Name, "retrying: " + reason));
            return null;
        }

        private async Task RunAsync(Machine machine, NodeFacts facts, CancellationToken stop) => await kubeadm.RunAsync(machine, "join", new()
        {
            ["CLUSTER"] = cluster.Name,
            ["ROLE"] = Role,
            ["SERVER"] = $"{(cluster.LoadBalancer ?? cluster.ControlPlane).Address}",
            ["ENDPOINT"] = $"{control.Endpoint}",
            ["ENDPOINT_HOST"] = control.Endpoint is { IsManaged: true, Host: var host } ? host : null,
            ["POD_NETWORK"] = control.PodNetwork,
            ["POD_SUBNET"] = control.PodSubnet,
            ["CONFIG"] = KubeadmConfig.Join(facts.Kubeadm!, machine, await secret.Value, HasNoWorkers),
            ["SEEN"] = facts.Stamp,
        }, ErrorIds.JoinFailed, events, stop);

        // Why the API server cannot be used now, or null.
        private async Task<string?> ApiFailureAsync(CancellationToken stop)
        {
            try
            {
                await api.EnsureReadyAsync(stop);
                return null;
            }
            catch (KlException error)
            {
                return error.Kind == KlErrorKind.Unreachable ? error.Message : null;
            }
        }
    }
}
