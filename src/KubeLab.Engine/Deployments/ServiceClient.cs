using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Deployments;

/// <summary>Creates, lists and removes services.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class ServiceClient(KubeSession kube)
{
    /// <summary>Exposes a deployment and waits until a pod is ready and the service's external addresses respond.</summary>
    /// <param name="spec">The desired service.</param>
    /// <param name="timeout">The maximum time to wait for a ready pod.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentNotFound, ServiceExists (not created by KubeLab), ServicePortMissing, ServiceTimeout,
    /// and the errors of KubeApi.</exception>
    public async Task<KlService> ExposeAsync(ServiceSpec spec, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(spec.Cluster);
        return await ExposeAsync(api, spec, timeout, api.Clock, events, stop);
    }

    /// <summary>Lists the services of a cluster.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async IAsyncEnumerable<KlService> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        IReadOnlyList<V1Node>? nodes = null;
        await foreach (var (service, change) in api.ListOrWatchAsync<V1Service>(scope, stop))
            yield return KlService.From(service, nodes ??= await NodesAsync(api, stop), api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Deletes a service and waits until it is deleted. Does nothing if it does not exist.</summary>
    /// <exception cref="KlException">RemovalTimeout, and the errors of KubeApi.</exception>
    public async Task RemoveAsync(string? cluster, string? ns, string name, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        ns ??= api.DefaultNamespace;
        if (!await api.DeleteAsync<V1Service>(name, ns, stop))
            return;
        events.Changed(name, "service removed");
        await RemovalWait.WaitAsync<V1Service>(api, ns, KubeSelector.Named(name), name, timeout, api.Clock, stop);
    }

    internal static async Task<KlService> ExposeAsync(KubeApi api, ServiceSpec spec, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        var (ns, name) = (spec.Namespace ?? api.DefaultNamespace, spec.Deployment);
        events.Step(name, "exposing");
        var deployment = await api.FindAsync<V1Deployment>(name, ns, stop)
            ?? throw new KlException(ErrorIds.DeploymentNotFound, KlErrorKind.NotFound, name,
                $"Deployment '{ns}/{name}' was not found in cluster '{api.Cluster}'.");
        var existing = await api.FindAsync<V1Service>(name, ns, stop);
        ManagedLabels.Check(existing, "service", ErrorIds.ServiceExists);
        var applied = await api.ApplyAsync(Manifest(spec, deployment), stop);
        if (applied.Changed)
            events.Changed(name, existing is null || IsInternal(existing) ? "service created" : "service changed");
        var hasPods = (deployment.Spec.Replicas ?? 1) > 0;
        if (hasPods)
            await WaitForReadyPodAsync(api, ns, name, timeout, clock, events, stop);
        var service = KlService.From(applied.Object, await NodesAsync(api, stop), api.Cluster, clock.GetUtcNow());
        if (hasPods && service.Type is "NodePort" or "LoadBalancer")
            await ServiceProbe.WaitAsync(service, Readiness(deployment)?.HttpGet?.Path, clock, events, stop);
        return service;
    }

    /// <summary>Creates a cluster-internal service for a deployment with ports, unless a service with its name exists: applications that start
    /// together can then find each other before they are exposed.</summary>
    internal static async Task EnsureInternalAsync(KubeApi api, DeploymentPlan plan, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (plan.Ports.Count == 0)
            return;
        try
        {
            var existing = await api.FindAsync<V1Service>(plan.Name, plan.Namespace, stop);
            if (existing is not null && !IsInternal(existing))
                return;
            var service = Manifest(new(plan.Name) { Type = "ClusterIP" }, DeploymentManifest.Of(plan, null));
            service.Metadata.Annotations = new Dictionary<string, string> { [ManagedLabels.InternalAnnotation] = "true" };
            if ((await api.ApplyAsync(service, stop)).Changed)
                events.Changed(plan.Name, $"cluster-internal service {plan.Name} created");
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            events.Warning(plan.Name, $"other pods cannot resolve its name: {error.Message}");
        }
    }

    /// <summary>Deletes the service that <see cref="EnsureInternalAsync"/> created. Services that expose the deployment are kept.</summary>
    internal static async Task RemoveInternalAsync(KubeApi api, string ns, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            if (await api.FindAsync<V1Service>(name, ns, stop) is { } existing && IsInternal(existing) && await api.DeleteAsync<V1Service>(name, ns, stop))
                events.Changed(name, $"cluster-internal service {name} removed");
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            events.Detail(name, $"its cluster-internal service was not removed: {error.Message}");
        }
    }

    private static bool IsInternal(V1Service service) =>
        ManagedLabels.IsManaged(service) && service.Metadata.Annotations?.ContainsKey(ManagedLabels.InternalAnnotation) == true;

    private static V1Probe? Readiness(V1Deployment deployment) =>
        deployment.Spec.Template.Spec.Containers.Select(c => c.ReadinessProbe).FirstOrDefault(p => p is not null);

    internal static V1Service Manifest(ServiceSpec spec, V1Deployment deployment)
    {
        var containers = deployment.Spec.Template.Spec.Containers.SelectMany(c => c.Ports ?? []).Where(p => p.Protocol is null or "TCP")
            .Select(p => p.ContainerPort);
        int[] ports = spec.Port is { } one ? [one] : spec.TargetPort is { } target ? [target] : [.. containers];
        if (ports.Length == 0)
            throw new KlException(ErrorIds.ServicePortMissing, KlErrorKind.InvalidInput, spec.Deployment,
                $"Neither the image of {spec.Deployment} nor a parameter specifies a port.", "Specify -Port, or add EXPOSE to the Dockerfile.");
        var http = Readiness(deployment)?.HttpGet;
        var declared = deployment.Metadata.Annotations?.TryGetValue(ManagedLabels.ServiceAnnotation, out var type) == true ? type : null;
        return new()
        {
            Metadata = new()
            {
                Name = spec.Deployment, NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = ManagedLabels.Labels(spec.Deployment)
            },
            Spec = new()
            {
                Type = spec.Type ?? declared ?? "NodePort",
                Selector = deployment.Spec.Selector.MatchLabels,
                Ports = [.. ports.Select((port, i) => new V1ServicePort
                {
                    Name = DeploymentManifest.PortName(port),
                    Port = port,
                    Protocol = "TCP",
                    TargetPort = spec.TargetPort ?? port,
                    AppProtocol = spec.AppProtocol ?? (http?.Port.Value == $"{spec.TargetPort ?? port}" ? http.Scheme?.ToLowerInvariant() ?? "http" : null),
                    NodePort = i == 0 ? spec.NodePort : null,
                })],
            },
        };
    }

    // Endpoints instead of EndpointSlice: all versions from 1.20 to 1.37 serve it; EndpointSlice v1 needs 1.21.
    private static async Task WaitForReadyPodAsync(KubeApi api, string ns, string name, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var timer = new TimeLimit(timeout, clock, stop);
        events.Step(name, "waiting for a ready pod");
        try
        {
            await api.WatchAsync<V1Endpoints>(ns, KubeSelector.Named(name), timer.Token)
                .FirstAsync(c => c.Type != WatchEventType.Deleted && c.Object.Subsets?.Any(s => s.Addresses?.Count > 0) == true, timer.Token);
        }
        catch (OperationCanceledException) when (timer.IsExpired)
        {
            throw new KlException(ErrorIds.ServiceTimeout, KlErrorKind.Timeout, name,
                $"{ns}/{name}: no pod of the service was ready within {timeout.TotalSeconds:0} s.");
        }
    }

    private static async Task<IReadOnlyList<V1Node>> NodesAsync(KubeApi api, CancellationToken stop)
    {
        try
        {
            return await api.ListAsync<V1Node>(null, (string?)null, stop).ToListAsync(stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // Without permission to list nodes there are no URLs, but the service works.
            return [];
        }
    }
}
