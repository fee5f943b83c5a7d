using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>The ports of this computer that lead to pods.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class PortForwards(KubeSession kube) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, PortForward> _open = new();

    /// <summary>Those there are, by local port.</summary>
    public IReadOnlyList<KlPortForward> List() => [.. _open.Values.Select(f => f.Forward).OrderBy(f => f.LocalPort)];

    /// <summary>Makes a port of this computer lead to one of a pod.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, which has to run; or KIND/NAME: one of that object's.</param>
    /// <param name="port">Its port; a service's own, where a service is named.</param>
    /// <param name="localPort">The port here, or 0: any that is free.</param>
    /// <param name="stop">Ends the start; <see cref="StopAsync"/> ends the forwarding.</param>
    /// <exception cref="KlException">PodNotFound, ResourceNotFound, PodsNone, PodNotRunning, PortInUse, PortUnknown, and KubeApi's.</exception>
    public async Task<KlPortForward> StartAsync(string? cluster, string? ns, string pod, int port, int localPort, CancellationToken stop)
    {
        var api = kube.Open(cluster);
        try
        {
            return await StartAsync(api, ns, pod, port, localPort, stop);
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    /// <summary>Ends one; its connections end with it. Absent is done.</summary>
    public async Task StopAsync(int localPort)
    {
        if (_open.TryRemove(localPort, out var forward))
            await forward.DisposeAsync();
    }

    /// <summary>Ends all.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var port in _open.Keys)
            await StopAsync(port);
    }

    internal async Task<KlPortForward> StartAsync(KubeApi api, string? ns, string pod, int port, int localPort, CancellationToken stop)
    {
        var (there, of) = pod.Contains('/', StringComparison.Ordinal) ? await PodSelection.OneAsync(api, ns, pod, stop) : (await PodContainer.PodAsync(api, ns, pod, stop), null);
        if (there.Status?.Phase != "Running")
            throw new KlException(ErrorIds.PodNotRunning, KlErrorKind.Failed, pod, $"The pod {there.Metadata.NamespaceProperty}/{there.Metadata.Name} does not run: {PodStatus.Of(there).Word}.", "Wait until it runs, or look at it with Get-KlPod.");
        if (of is { Kind: "Service" })
            port = Behind(of.As<V1Service>(), there, port);
        var listener = new TcpListener(IPAddress.Loopback, localPort);
        try
        {
            listener.Start();
        }
        catch (SocketException taken)
        {
            listener.Dispose();
            throw new KlException(ErrorIds.PortInUse, KlErrorKind.Exists, $"{localPort}", $"127.0.0.1:{localPort} cannot be listened at: {taken.Message}.", "Give another by -LocalPort; 0 takes any that is free.", taken);
        }
        var forward = new PortForward(api, listener, new()
        {
            Name = there.Metadata.Name,
            Namespace = there.Metadata.NamespaceProperty,
            Cluster = api.Cluster,
            LocalPort = ((IPEndPoint)listener.LocalEndpoint).Port,
            Port = port,
        });
        _open[forward.Forward.LocalPort] = forward;
        return forward.Forward;
    }

    // What of a pod is behind a port of a service; one without an address leads to the pods themselves.
    private static int Behind(V1Service service, V1Pod pod, int port)
    {
        if (service.Spec.ClusterIP == "None")
            return port;
        var name = service.Metadata.Name;
        var target = (service.Spec.Ports?.FirstOrDefault(p => p.Port == port) ?? throw new KlException(ErrorIds.PortUnknown, KlErrorKind.InvalidInput, name,
            $"The service {name} has no port {port}; it has: {string.Join(", ", service.Spec.Ports?.Select(p => p.Port) ?? [])}.", "Give one of them by -Port.")).TargetPort?.Value;
        return target is null ? port
            : int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : pod.Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == target)?.ContainerPort
                ?? throw new KlException(ErrorIds.PortUnknown, KlErrorKind.InvalidInput, name, $"The pod {pod.Metadata.Name} has no port {target}, to which the service {name} leads.", "Correct the service, or give the pod and its port.");
    }
}
