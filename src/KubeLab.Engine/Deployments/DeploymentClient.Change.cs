using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Changes and restarts deployments.</summary>
public sealed partial class DeploymentClient
{
    // The annotation of kubectl, so that each tool's history shows the restarts of the other.
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    /// <summary>Changes any deployment and waits until the change is rolled out.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="change">The changes.</param>
    /// <param name="timeout">The maximum time to wait, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentNotFound, ContainerNotFound, ContainerNotNamed, DeploymentFailed, DeploymentTimeout, and the errors of
    /// KubeApi.</exception>
    public async Task<KlDeployment> ChangeAsync(string? cluster, string? ns, string name, DeploymentChange change, TimeSpan? timeout,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var existing = await GetAsync(api, ns, name, stop);
        var spec = new JsonObject();
        if (change.Replicas is { } replicas)
            spec["replicas"] = replicas;
        if (change.Image is not null || change.Environment.Count > 0)
            spec["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(Container(existing, change)) } };
        var after = await api.MergeAsync<V1Deployment>(name, existing.Metadata.NamespaceProperty, new() { ["spec"] = spec }, stop);
        return await FinishAsync(api, existing, after, "changed", timeout, events, stop);
    }

    /// <summary>Replaces the pods of a deployment according to its strategy and waits until the new ones are available.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="timeout">The maximum time to wait, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentNotFound, DeploymentPaused, DeploymentFailed, DeploymentTimeout, and the errors of KubeApi.</exception>
    public async Task<KlDeployment> RestartAsync(string? cluster, string? ns, string name, TimeSpan? timeout, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var existing = await GetAsync(api, ns, name, stop);
        CheckNotPaused(existing);
        var annotations = new JsonObject { [RestartedAt] = api.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) };
        var template = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
        var after = await api.MergeAsync<V1Deployment>(name, existing.Metadata.NamespaceProperty, patch, stop);
        return await FinishAsync(api, existing, after, "restarted", timeout, events, stop);
    }

    internal static async Task<V1Deployment> GetAsync(KubeApi api, string? ns, string name, CancellationToken stop) =>
        await api.FindAsync<V1Deployment>(name, ns ?? api.DefaultNamespace, stop)
            ?? throw new KlException(ErrorIds.DeploymentNotFound, KlErrorKind.NotFound, name,
                $"Deployment '{ns ?? api.DefaultNamespace}/{name}' was not found in cluster '{api.Cluster}'.");

    internal static void CheckNotPaused(V1Deployment deployment)
    {
        if (deployment.Spec.Paused == true)
            throw new KlException(ErrorIds.DeploymentPaused, KlErrorKind.Failed, deployment.Metadata.Name,
                $"{deployment.Metadata.NamespaceProperty}/{deployment.Metadata.Name} is paused and does not roll out changes.",
                "Run 'kubectl rollout resume' first.");
    }

    internal static async Task<KlDeployment> FinishAsync(KubeApi api, V1Deployment before, V1Deployment after, string done, TimeSpan? timeout,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (before.Metadata.Generation != after.Metadata.Generation)
            events.Changed(after.Metadata.Name, $"deployment {done}");
        // A paused deployment does not roll out until it is resumed.
        var now = timeout is { } limit && after.Spec.Paused != true ? await WaitAsync(api, after, limit, api.Clock, events, stop) : after;
        return KlDeployment.From(now, api.Cluster, api.Clock.GetUtcNow());
    }

    private static JsonObject Container(V1Deployment deployment, DeploymentChange change)
    {
        var names = deployment.Spec.Template.Spec.Containers.Select(c => c.Name).ToList();
        var list = string.Join(", ", names);
        var name = change.Container ?? (names.Count == 1 ? names[0]
            : throw new KlException(ErrorIds.ContainerNotNamed, KlErrorKind.InvalidInput, deployment.Metadata.Name,
            $"{deployment.Metadata.Name} has several containers: {list}.", "Specify one with -Container."));
        if (!names.Contains(name))
            throw new KlException(ErrorIds.ContainerNotFound, KlErrorKind.NotFound, name,
                $"{deployment.Metadata.Name} has no container '{name}'. Its containers: {list}.", "Specify one of them with -Container.");
        var container = new JsonObject { ["name"] = name };
        if (change.Image is not null)
            container["image"] = change.Image;
        if (change.Environment.Count > 0)
            container["env"] = new JsonArray([.. change.Environment.Select(e => Variable(e.Key, e.Value))]);
        return container;
    }

    // A value replaces a reference to a Secret: the API server rejects both at once.
    private static JsonObject Variable(string name, string? value) => value is null
        ? new() { ["name"] = name, ["$patch"] = "delete" }
        : new() { ["name"] = name, ["value"] = value, ["valueFrom"] = null };
}
