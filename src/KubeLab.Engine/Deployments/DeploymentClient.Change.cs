using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Deployments: scaled, given another image or environment, restarted.</summary>
public sealed partial class DeploymentClient
{
    // kubectl's own, so that either tool's history shows the other's restarts.
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    /// <summary>Changes a deployment, whoever made it, and waits until it is as wanted.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="change">What to change.</param>
    /// <param name="timeout">How long to wait for it, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentNotFound, ContainerUnknown, ContainerNotNamed, DeploymentFailed, DeploymentTimeout, and KubeApi's.</exception>
    public async Task<KlDeployment> ChangeAsync(string? cluster, string? ns, string name, DeploymentChange change, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var there = await GetAsync(api, ns, name, stop);
        var spec = new JsonObject();
        if (change.Replicas is { } replicas)
            spec["replicas"] = replicas;
        if (change.Image is not null || change.Environment.Count > 0)
            spec["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(Container(there, change)) } };
        var after = await api.MergeAsync<V1Deployment>(name, there.Metadata.NamespaceProperty, new() { ["spec"] = spec }, stop);
        return await FinishAsync(api, there, after, "changed", timeout, events, stop);
    }

    /// <summary>Replaces a deployment's pods, as its strategy says, and waits until the new ones are available.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="timeout">How long to wait for it, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentNotFound, DeploymentPaused, DeploymentFailed, DeploymentTimeout, and KubeApi's.</exception>
    public async Task<KlDeployment> RestartAsync(string? cluster, string? ns, string name, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var there = await GetAsync(api, ns, name, stop);
        NotPaused(there);
        var annotations = new JsonObject { [RestartedAt] = api.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) };
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } } } };
        var after = await api.MergeAsync<V1Deployment>(name, there.Metadata.NamespaceProperty, patch, stop);
        return await FinishAsync(api, there, after, "restarted", timeout, events, stop);
    }

    internal static async Task<V1Deployment> GetAsync(KubeApi api, string? ns, string name, CancellationToken stop) =>
        await api.FindAsync<V1Deployment>(name, ns ?? api.DefaultNamespace, stop)
            ?? throw new KlException(ErrorIds.DeploymentNotFound, KlErrorKind.NotFound, name, $"{api.Cluster} has no deployment {ns ?? api.DefaultNamespace}/{name}.", "Get-KlDeployment lists those there are.");

    internal static void NotPaused(V1Deployment deployment)
    {
        if (deployment.Spec.Paused == true)
            throw new KlException(ErrorIds.DeploymentPaused, KlErrorKind.Failed, deployment.Metadata.Name,
                $"{deployment.Metadata.NamespaceProperty}/{deployment.Metadata.Name} is paused, so nothing would come of it.", "Resume it first (kubectl rollout resume).");
    }

    internal static async Task<KlDeployment> FinishAsync(KubeApi api, V1Deployment before, V1Deployment after, string done, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (before.Metadata.Generation != after.Metadata.Generation)
            events.Changed(after.Metadata.Name, $"deployment {done}");
        // A paused one goes nowhere until it is resumed.
        var now = timeout is { } limit && after.Spec.Paused != true ? await WaitAsync(api, after, limit, api.Clock, events, stop) : after;
        return KlDeployment.From(now, api.Cluster, api.Clock.GetUtcNow());
    }

    private static JsonObject Container(V1Deployment deployment, DeploymentChange change)
    {
        var names = deployment.Spec.Template.Spec.Containers.Select(c => c.Name).ToList();
        var list = string.Join(", ", names);
        var name = change.Container ?? (names.Count == 1 ? names[0] : throw new KlException(ErrorIds.ContainerNotNamed, KlErrorKind.InvalidInput, deployment.Metadata.Name,
            $"{deployment.Metadata.Name} has several containers: {list}.", "Name one by -Container."));
        if (!names.Contains(name))
            throw new KlException(ErrorIds.ContainerUnknown, KlErrorKind.NotFound, name, $"{deployment.Metadata.Name} has no container {name}; it has {list}.", "Name one of them by -Container.");
        var container = new JsonObject { ["name"] = name };
        if (change.Image is not null)
            container["image"] = change.Image;
        if (change.Environment.Count > 0)
            container["env"] = new JsonArray([.. change.Environment.Select(e => Variable(e.Key, e.Value))]);
        return container;
    }

    // A value takes the place of a reference to a Secret, too: both at once are refused.
    private static JsonObject Variable(string name, string? value) => value is null
        ? new() { ["name"] = name, ["$patch"] = "delete" }
        : new() { ["name"] = name, ["value"] = value, ["valueFrom"] = null };
}
