using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>The forwarded ports of this process.</summary>
public static class PortForwards
{
    private static readonly ConcurrentDictionary<int, PortForward> Open = new();

    /// <summary>Those there are, by local port.</summary>
    public static IReadOnlyList<KlPortForward> List() => [.. Open.Values.Select(f => f.Forward).OrderBy(f => f.LocalPort)];

    /// <summary>Makes a port of this computer lead to one of a pod.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, which has to run.</param>
    /// <param name="port">Its port.</param>
    /// <param name="localPort">The port here, or 0: any that is free.</param>
    /// <param name="stop">Ends the start; <see cref="StopAsync"/> ends the forwarding.</param>
    /// <exception cref="KlException">PodNotFound, PodNotRunning, PortInUse, and KubeApi's.</exception>
    public static async Task<KlPortForward> StartAsync(string? cluster, string? ns, string pod, int port, int localPort, CancellationToken stop)
    {
        var api = KubeApi.Open(cluster);
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
    public static async Task StopAsync(int localPort)
    {
        if (Open.TryRemove(localPort, out var forward))
            await forward.DisposeAsync();
    }

    internal static async Task<KlPortForward> StartAsync(KubeApi api, string? ns, string pod, int port, int localPort, CancellationToken stop)
    {
        var there = await PodContainer.PodAsync(api, ns, pod, stop);
        if (there.Status?.Phase != "Running")
            throw new KlException("PodNotRunning", KlErrorKind.Failed, pod, $"The pod {there.Metadata.NamespaceProperty}/{pod} does not run: {PodStatus.Of(there).Word}.", "Wait until it runs, or look at it with Get-KlPod.");
        var listener = new TcpListener(IPAddress.Loopback, localPort);
        try
        {
            listener.Start();
        }
        catch (SocketException taken)
        {
            listener.Dispose();
            throw new KlException("PortInUse", KlErrorKind.Exists, $"{localPort}", $"127.0.0.1:{localPort} cannot be listened at: {taken.Message}.", "Give another by -LocalPort; 0 takes any that is free.", taken);
        }
        var forward = new PortForward(api, listener, new()
        {
            Name = pod,
            Namespace = there.Metadata.NamespaceProperty,
            Cluster = api.Cluster,
            LocalPort = ((IPEndPoint)listener.LocalEndpoint).Port,
            Port = port,
        });
        Open[forward.Forward.LocalPort] = forward;
        return forward.Forward;
    }
}
