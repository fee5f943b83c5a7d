using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Deployments;

/// <summary>Services: made, found, removed.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class ServiceClient(KubeSession kube)
{
    /// <summary>Makes a deployment reachable and waits until a pod is ready behind it and its addresses outside the cluster answer.</summary>
    /// <param name="spec">What it should be.</param>
    /// <param name="timeout">How long to wait for a ready pod.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentNotFound, ServiceExists (not ours), ServicePortUnknown, ServiceTimeout, and KubeApi's.</exception>
    public async Task<KlService> ExposeAsync(ServiceSpec spec, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(spec.Cluster);
        return await ExposeAsync(api, spec, timeout, api.Clock, events, stop);
    }

    /// <summary>The services of a cluster.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="scope">Which of them.</param>
    /// <param name="stop">Ends it.</param>
    public async IAsyncEnumerable<KlService> ListAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        IReadOnlyList<V1Node>? nodes = null;
        await foreach (var (service, change) in api.SeenAsync<V1Service>(scope, stop))
            yield return KlService.From(service, nodes ??= await NodesAsync(api, stop), api.Cluster, api.Clock.GetUtcNow()) with { Change = change };
    }

    /// <summary>Removes a service and waits until it is gone. Absent is done.</summary>
    /// <exception cref="KlException">RemovalTimeout, and KubeApi's.</exception>
    public async Task RemoveAsync(string? cluster, string? ns, string name, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        ns ??= api.DefaultNamespace;
        if (!await api.DeleteAsync<V1Service>(name, ns, stop))
            return;
        events.Changed(name, "service removed");
        await RemovalWait.WaitAsync<V1Service>(api, ns, KubeSelector.Named(name), name, timeout, api.Clock, stop);
    }

    internal static async Task<KlService> ExposeAsync(KubeApi api, ServiceSpec spec, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (ns, name) = (spec.Namespace ?? api.DefaultNamespace, spec.Deployment);
        events.Step(name, "exposing");
        var deployment = await api.FindAsync<V1Deployment>(name, ns, stop)
            ?? throw new KlException(ErrorIds.DeploymentNotFound, KlErrorKind.NotFound, name, $"{api.Cluster} has no deployment {ns}/{name}.", "Make it with New-KlDeployment, or look with Get-KlDeployment.");
        var there = await api.FindAsync<V1Service>(name, ns, stop);
        ManagedLabels.Check(there, "Service");
        var applied = await api.ApplyAsync(Manifest(spec, deployment), stop);
        if (applied.Changed)
            events.Changed(name, there is null || IsInsideOnly(there) ? "service made" : "service changed");
        var hasPods = (deployment.Spec.Replicas ?? 1) > 0;
        if (hasPods)
            await AnsweredAsync(api, ns, name, timeout, clock, events, stop);
        var service = KlService.From(applied.Object, await NodesAsync(api, stop), api.Cluster, clock.GetUtcNow());
        if (hasPods && service.Type is "NodePort" or "LoadBalancer")
            await ServiceProbe.WaitAsync(service, Readiness(deployment)?.HttpGet?.Path, clock, events, stop);
        return service;
    }

    /// <summary>Gives a deployment with ports its name inside the cluster, where nothing has that name yet: applications that start together find each other
    /// before one of them is exposed.</summary>
    internal static async Task NameAsync(KubeApi api, DeploymentPlan plan, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (plan.Ports.Count == 0)
            return;
        try
        {
            var there = await api.FindAsync<V1Service>(plan.Name, plan.Namespace, stop);
            if (there is not null && !IsInsideOnly(there))
                return;
            var service = Manifest(new(plan.Name) { Type = "ClusterIP" }, DeploymentManifest.Of(plan, null));
            service.Metadata.Annotations = new Dictionary<string, string> { [ManagedLabels.InsideAnnotation] = "true" };
            if ((await api.ApplyAsync(service, stop)).Changed)
                events.Changed(plan.Name, $"name {plan.Name} made inside the cluster");
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            events.Warning(plan.Name, $"other pods do not find it by its name: {error.Message}");
        }
    }

    /// <summary>Removes what <see cref="NameAsync"/> made, and no service that exposes the deployment.</summary>
    internal static async Task RemoveNameAsync(KubeApi api, string ns, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            if (await api.FindAsync<V1Service>(name, ns, stop) is { } there && IsInsideOnly(there) && await api.DeleteAsync<V1Service>(name, ns, stop))
                events.Changed(name, $"name {name} inside the cluster removed");
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            events.Detail(name, $"not looked for a service of its name: {error.Message}");
        }
    }

    private static bool IsInsideOnly(V1Service service) => ManagedLabels.Made(service) && service.Metadata.Annotations?.ContainsKey(ManagedLabels.InsideAnnotation) == true;

    private static V1Probe? Readiness(V1Deployment deployment) => deployment.Spec.Template.Spec.Containers.Select(c => c.ReadinessProbe).FirstOrDefault(p => p is not null);

    internal static V1Service Manifest(ServiceSpec spec, V1Deployment deployment)
    {
        var containers = deployment.Spec.Template.Spec.Containers.SelectMany(c => c.Ports ?? []).Where(p => p.Protocol is null or "TCP").Select(p => p.ContainerPort);
        int[] ports = spec.Port is { } one ? [one] : spec.TargetPort is { } target ? [target] : [.. containers];
        if (ports.Length == 0)
            throw new KlException(ErrorIds.ServicePortUnknown, KlErrorKind.InvalidInput, spec.Deployment,
                $"Neither the image of {spec.Deployment} nor a parameter names a port.", "Give -Port, or add EXPOSE to the Dockerfile.");
        var http = Readiness(deployment)?.HttpGet;
        var declared = deployment.Metadata.Annotations?.TryGetValue(ManagedLabels.ServiceAnnotation, out var type) == true ? type : null;
        return new()
        {
            Metadata = new() { Name = spec.Deployment, NamespaceProperty = deployment.Metadata.NamespaceProperty, Labels = ManagedLabels.Labels(spec.Deployment) },
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

    // Endpoints, not EndpointSlice: served by every version from 1.20 to 1.37, EndpointSlice v1 only from 1.21 on.
    private static async Task AnsweredAsync(KubeApi api, string ns, string name, TimeSpan timeout, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        events.Step(name, "waiting for a ready pod behind it");
        try
        {
            await api.WatchAsync<V1Endpoints>(ns, KubeSelector.Named(name), either.Token)
                .FirstAsync(c => c.Type != WatchEventType.Deleted && c.Object.Subsets?.Any(s => s.Addresses?.Count > 0) == true, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new KlException(ErrorIds.ServiceTimeout, KlErrorKind.Timeout, name, $"{ns}/{name}: no pod behind the service was ready within {timeout.TotalSeconds:0} s.",
                "Look at its pods with Get-KlPod; the service itself is there.");
        }
    }

    private static async Task<IReadOnlyList<V1Node>> NodesAsync(KubeApi api, CancellationToken stop)
    {
        try
        {
            return await api.ListAsync<V1Node>(null, (string?)null, stop).ToListAsync(stop);
        }
        catch (KlException closed) when (closed.ErrorId == ErrorIds.KubeForbidden)
        {
            // Without the nodes there are no URLs; the service is none the worse for it.
            return [];
        }
    }
}
