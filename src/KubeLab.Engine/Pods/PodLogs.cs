using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>The logs of pods.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class PodLogs(KubeSession kube)
{
    /// <summary>Reads the logs of a pod, and gives each line as it comes. Those of one container come in their order.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="write">Takes them, from any thread.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, and KubeApi's.</exception>
    public async Task ReadAsync(string? cluster, string? ns, string pod, LogQuery query, Action<KlLogLine> write, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        await ReadAsync(api, ns, pod, query, api.Clock, write, stop);
    }

    internal static async Task ReadAsync(KubeApi api, string? ns, string pod, LogQuery query, TimeProvider clock, Action<KlLogLine> write, CancellationToken stop)
    {
        var there = await PodContainer.PodAsync(api, ns, pod, stop);
        string?[] containers = query.AllContainers ? [.. PodContainer.All(there)] : [query.Container];
        await Task.WhenAll(containers.Select(container => PodContainer.Of(there, container)).ToList().Select(async at =>
        {
            await foreach (var line in new PodLog(api, at, query, clock).ReadAsync(stop))
                write(line);
        }));
    }
}
