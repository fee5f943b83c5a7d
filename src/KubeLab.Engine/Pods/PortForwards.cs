using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>The port forwards of this process.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PortForwards(KubeSession kube) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, PortForward> _open = new();

    /// <summary>Lists the port forwards by local port.</summary>
    public IReadOnlyList<KlPortForward> List() => [.. _open.Values.Select(f => f.Forward).OrderBy(f => f.LocalPort)];

    /// <summary>Forwards a port of this computer to a port of a pod.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The running pod, or KIND/NAME for a pod of another object.</param>
    /// <param name="port">The port of the pod, or of the service if a service is named.</param>
    /// <param name="localPort">The port of this computer, or 0 for any free port.</param>
    /// <param name="stop">Cancels the start. <see cref="StopAsync"/> stops the port forward.</param>
    /// <exception cref="KlException">PodNotFound, ResourceNotFound, PodNotRunning, PortInUse, PortNotFound, and the errors of KubeApi.</exception>
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

    /// <summary>Stops a port forward and closes its connections. Does nothing if it does not exist.</summary>
    public async Task StopAsync(int localPort)
    {
        if (_open.TryRemove(localPort, out var forward))
            await forward.DisposeAsync();
    }

    /// <summary>Stops all port forwards.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var port in _open.Keys)
            await StopAsync(port);
    }

    internal async Task<KlPortForward> StartAsync(KubeApi api, string? ns, string pod, int port, int localPort, CancellationToken stop)
    {
        var (found, of) = pod.Contains('/', StringComparison.Ordinal) ? await PodSelection.OneAsync(api, ns, pod, stop)
            : (await PodContainer.PodAsync(api, ns, pod, stop), null);
        if (found.Status?.Phase != "Running")
            throw new KlException(ErrorIds.PodNotRunning, KlErrorKind.Failed, pod,
                $"The pod {found.Metadata.NamespaceProperty}/{found.Metadata.Name} is not running: {PodStatus.Of(found).Word}.",
                "Wait until the pod is running.");
        if (of is { Kind: "Service" })
            port = TargetPort(of.As<V1Service>(), found, port);
        var listener = new TcpListener(IPAddress.Loopback, localPort);
        try
        {
            listener.Start();
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new KlException(ErrorIds.PortInUse, KlErrorKind.Exists, $"{localPort}", $"Cannot listen on 127.0.0.1:{localPort}: {error.Message}.",
                "Specify another -LocalPort; 0 selects a free port.", error);
        }
        var forward = new PortForward(api, listener, new()
        {
            Name = found.Metadata.Name,
            Namespace = found.Metadata.NamespaceProperty,
            Cluster = api.Cluster,
            LocalPort = ((IPEndPoint)listener.LocalEndpoint).Port,
            Port = port,
        });
        _open[forward.Forward.LocalPort] = forward;
        return forward.Forward;
    }

    // Returns the target port of a service port. With a headless service, it is the same.
    private static int TargetPort(V1Service service, V1Pod pod, int port)
    {
        if (service.Spec.ClusterIP == "None")
            return port;
        var name = service.Metadata.Name;
        var target = (service.Spec.Ports?.FirstOrDefault(p => p.Port == port) ?? throw new KlException(ErrorIds.PortNotFound, KlErrorKind.InvalidInput, name,
            $"The service {name} has no port {port}. Its ports: {string.Join(", ", service.Spec.Ports?.Select(p => p.Port) ?? [])}.",
            "Specify one of them with -Port.")).TargetPort?.Value;
        return target is null ? port
            : int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : pod.Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == target)?.ContainerPort
                ?? throw new KlException(ErrorIds.PortNotFound, KlErrorKind.InvalidInput, name,
                    $"The pod {pod.Metadata.Name} has no port {target}, which is the target port of the service {name}.",
                    "Correct the service, or specify the pod and its port.");
    }
}
