using System.Net;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Starts services that stopped and recreates objects that were deleted.</summary>
public sealed partial class Kubeadm
{
    // Returns when the kubelet was started, or null if that is unknown.
    private async Task<DateTimeOffset?> StartServicesAsync(Machine machine, NodeFacts facts, IProgress<LabEvent> events, CancellationToken stop) =>
        (facts.Stopped.Count > 0 ? new(await RunAsync(machine, "services", [], ErrorIds.ServiceDown, events, stop)) : facts).KubeletStarted;

    private async Task RepairAsync(INodeApi api, string cluster, Machine control, NodeFacts facts, IProgress<LabEvent> events, CancellationToken stop)
    {
        var missing = await api.MissingAsync(facts.Kubeadm!, stop);
        // The user's pod network may replace kube-proxy.
        if (!PodNetworks.Names.Contains(facts.PodNetwork))
            missing = [.. missing.Where(one => one.Phase != "addon/kube-proxy")];
        if (missing.Count == 0)
            return;
        var names = string.Join(", ", missing.Select(one => one.Name));
        if (ExistingPlan(cluster, facts) is not { } plan)
        {
            events.Warning(cluster, $"{names} cannot be recreated, because {control} has no record of the pod and service subnets");
            return;
        }
        events.Step(cluster, $"Recreating missing objects: {names}");
        await RunAsync(control, "addons", new()
        {
            ["PHASES"] = string.Join(' ', missing.Select(one => one.Phase).Distinct()),
            ["CONFIG"] = KubeadmConfig.Init(plan, control),
        }, ErrorIds.RepairFailed, events, stop);
    }

    // The settings of a cluster as its control plane has them, or null if it has no record of the subnets.
    private static ClusterPlan? ExistingPlan(string cluster, NodeFacts facts) =>
        facts.ServiceSubnet is { } services && IPNetwork.TryParse(facts.PodSubnet, out var pods) ? Plan(cluster, facts, pods, services) : null;
}
