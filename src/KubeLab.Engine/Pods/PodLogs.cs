using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>Reads the logs of pods.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodLogs(KubeSession kube)
{
    /// <summary>Reads the logs of a pod as lines arrive. The lines of a container are in order.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="query">The lines to read.</param>
    /// <param name="write">Receives the lines, from any thread.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, and the errors of KubeApi.</exception>
    public async Task ReadAsync(string? cluster, string? ns, string pod, LogQuery query, Action<KlLogLine> write, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await ReadAsync(api, ns, pod, query, api.Clock, write, stop);
    }

    internal static async Task ReadAsync(KubeApi api, string? ns, string pod, LogQuery query, TimeProvider clock, Action<KlLogLine> write,
        CancellationToken stop)
    {
        var found = await PodContainer.PodAsync(api, ns, pod, stop);
        string?[] containers = query.AllContainers ? [.. PodContainer.All(found)] : [query.Container];
        await Task.WhenAll(containers.Select(container => PodContainer.Of(found, container)).ToList().Select(async at =>
        {
            await foreach (var line in new PodLog(api, at, query, clock).ReadAsync(stop))
                write(line);
        }));
    }
}
