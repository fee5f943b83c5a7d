using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Deployments;

/// <summary>Deployments: made, found, removed.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed partial class DeploymentClient(KubeSession kube)
{
    /// <summary>Makes a deployment as <paramref name="spec"/> and the image say, or brings the one that is there to it, and waits until it is available.</summary>
    /// <param name="spec">What it should be.</param>
    /// <param name="timeout">How long to wait for it, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentExists (not ours), DeploymentFailed, DeploymentTimeout, NoNodeForVolume, ImageDeclarationInvalid, and KubeApi's.</exception>
    public async Task<KlDeployment> CreateAsync(DeploymentSpec spec, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(spec.Cluster);
        return await CreateAsync(api, spec, timeout, api.Clock, events, stop);
    }

    /// <summary>The deployments of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="stop">Ends it.</param>
    public async IAsyncEnumerable<KlDeployment> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (deployment, change) in api.SeenAsync<V1Deployment>(scope, stop))
            yield return KlDeployment.From(deployment, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Removes a deployment and waits until it and its pods are gone. Its volumes, secrets and a service that exposes it stay. Absent is done.</summary>
    /// <exception cref="KlException">RemovalTimeout, and KubeApi's.</exception>
    public async Task RemoveAsync(string? cluster, string? ns, string name, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await RemoveAsync(api, ns ?? api.DefaultNamespace, name, timeout, api.Clock, events, stop);
    }

    internal static async Task<KlDeployment> CreateAsync(KubeApi api, DeploymentSpec spec, TimeSpan? timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        var plan = DeploymentPlan.Of(spec, spec.Namespace ?? api.DefaultNamespace);
        events.Step(plan.Name, $"deploying {plan.Image}");
        var there = await api.FindAsync<V1Deployment>(plan.Name, plan.Namespace, stop);
        ManagedLabels.Check(there, "Deployment");
        if (there is null)
            await EnsureNamespaceAsync(api, plan.Namespace, events, stop);
        await GeneratedSecrets.EnsureAsync(api, plan.Namespace, plan.Secrets, events, stop);
        foreach (var volume in plan.Volumes)
            await Volumes.EnsureAsync(api, plan.Namespace, volume.Claim, events, stop);
        var login = await PullSecret.EnsureAsync(api, plan.Namespace, plan.Image, events, stop);
        await ServiceClient.NameAsync(api, plan, events, stop);
        var applied = await api.ApplyAsync(DeploymentManifest.Of(plan, login), stop);
        if (applied.Changed)
            events.Changed(plan.Name, there is null ? "deployment made" : "deployment changed");
        var now = timeout is { } limit ? await WaitAsync(api, applied.Object, limit, clock, events, stop) : applied.Object;
        return KlDeployment.From(now, api.Cluster, clock.GetUtcNow());
    }

    internal static async Task RemoveAsync(KubeApi api, string ns, string name, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        await ServiceClient.RemoveNameAsync(api, ns, name, events, stop);
        var there = await api.FindAsync<V1Deployment>(name, ns, stop);
        if (there is null || !await api.DeleteAsync<V1Deployment>(name, ns, stop))
            return;
        events.Changed(name, "deployment removed");
        await RemovalWait.WaitAsync<V1Deployment>(api, ns, KubeSelector.Named(name), name, timeout, clock, stop);
        events.Step(name, "waiting for its pods to end");
        await RemovalWait.WaitAsync<V1Pod>(api, ns, KubeSelector.Of(there.Spec.Selector), name, timeout, clock, stop);
    }

    internal static Task<V1Deployment> WaitAsync(KubeApi api, V1Deployment deployment, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop) =>
        new Rollout(api, deployment, clock) { PullsAgain = true }.WaitAsync(timeout, events, stop);

    private static async Task EnsureNamespaceAsync(KubeApi api, string ns, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            if (await api.FindAsync<V1Namespace>(ns, null, stop) is not null)
                return;
            await api.CreateAsync(new V1Namespace { Metadata = new() { Name = ns, Labels = ManagedLabels.Labels() } }, stop);
            events.Changed($"namespace/{ns}", "made");
        }
        catch (KlException passable) when (passable.ErrorId is ErrorIds.KubeExists or ErrorIds.KubeForbidden)
        {
            // Made by another a moment ago; or not ours to see, and the deployment itself will tell.
        }
    }
}
