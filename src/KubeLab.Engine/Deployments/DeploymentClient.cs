using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Deployments;

/// <summary>Creates, lists and removes deployments.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed partial class DeploymentClient(KubeSession kube)
{
    /// <summary>Creates or updates a deployment according to <paramref name="spec"/> and the image's declarations, and waits until it is available.</summary>
    /// <param name="spec">The desired deployment.</param>
    /// <param name="timeout">The maximum time to wait, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentExists (not created by KubeLab), DeploymentFailed, DeploymentTimeout, NoNodeForVolume,
    /// ImageDeclarationInvalid, and the errors of KubeApi.</exception>
    public async Task<KlDeployment> CreateAsync(DeploymentSpec spec, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(spec.Cluster);
        return await CreateAsync(api, spec, timeout, api.Clock, events, stop);
    }

    /// <summary>Lists the deployments of a cluster.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async IAsyncEnumerable<KlDeployment> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await foreach (var (deployment, change) in api.ListOrWatchAsync<V1Deployment>(scope, stop))
            yield return KlDeployment.From(deployment, api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Deletes a deployment and waits until its pods are deleted. Its volumes, Secrets and a service that exposes it are kept.
    /// Does nothing if the deployment does not exist.</summary>
    /// <exception cref="KlException">RemovalTimeout, and the errors of KubeApi.</exception>
    public async Task RemoveAsync(string? cluster, string? ns, string name, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await RemoveAsync(api, ns ?? api.DefaultNamespace, name, timeout, api.Clock, events, stop);
    }

    internal static async Task<KlDeployment> CreateAsync(KubeApi api, DeploymentSpec spec, TimeSpan? timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        var plan = DeploymentPlan.Of(spec, spec.Namespace ?? api.DefaultNamespace);
        events.Step(plan.Name, $"deploying {plan.Image}");
        var existing = await api.FindAsync<V1Deployment>(plan.Name, plan.Namespace, stop);
        ManagedLabels.Check(existing, "deployment", ErrorIds.DeploymentExists);
        if (existing is null)
            await EnsureNamespaceAsync(api, plan.Namespace, events, stop);
        await GeneratedSecrets.EnsureAsync(api, plan.Namespace, plan.Secrets, events, stop);
        foreach (var volume in plan.Volumes)
            if (await Volumes.EnsureAsync(api, plan.Namespace, volume.Claim, [], events, stop) is not null)
                await Volumes.WaitForBindingAsync(api, plan.Namespace, volume.Claim, stop);
        var login = await PullSecret.EnsureAsync(api, plan.Namespace, plan.Image, events, stop);
        await ServiceClient.EnsureInternalAsync(api, plan, events, stop);
        var applied = await api.ApplyAsync(DeploymentManifest.Of(plan, login), stop);
        if (applied.Changed)
            events.Changed(plan.Name, existing is null ? "deployment created" : "deployment changed");
        var now = timeout is { } limit ? await WaitAsync(api, applied.Object, limit, clock, events, stop) : applied.Object;
        return KlDeployment.From(now, api.Cluster, clock.GetUtcNow());
    }

    internal static async Task RemoveAsync(KubeApi api, string ns, string name, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        await ServiceClient.RemoveInternalAsync(api, ns, name, events, stop);
        var existing = await api.FindAsync<V1Deployment>(name, ns, stop);
        if (existing is null || !await api.DeleteAsync<V1Deployment>(name, ns, stop))
            return;
        events.Changed(name, "deployment removed");
        await RemovalWait.WaitAsync<V1Deployment>(api, ns, KubeSelector.Named(name), name, timeout, clock, stop);
        events.Step(name, "waiting for its pods to end");
        await RemovalWait.WaitAsync<V1Pod>(api, ns, KubeSelector.Of(existing.Spec.Selector), name, timeout, clock, stop);
    }

    internal static Task<V1Deployment> WaitAsync(KubeApi api, V1Deployment deployment, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop) =>
        new Rollout(api, deployment, clock) { RetriesFailed = true }.WaitAsync(timeout, events, stop);

    internal static async Task EnsureNamespaceAsync(KubeApi api, string ns, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            if (await api.FindAsync<V1Namespace>(ns, null, stop) is not null)
                return;
            await api.CreateAsync(new V1Namespace { Metadata = new() { Name = ns, Labels = ManagedLabels.Labels() } }, stop);
            events.Changed($"namespace/{ns}", "created");
        }
        catch (KlException error) when (error.ErrorId is ErrorIds.KubeExists or ErrorIds.KubeForbidden)
        {
            // Created concurrently, or not permitted to read; in the latter case applying the deployment reports an error.
        }
    }
}
