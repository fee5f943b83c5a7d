using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Names for tab completion.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class KubeNames(KubeSession kube)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Lists the names of a kind's objects. Returns an empty list if the cluster is unknown, does not respond within a second, or denies
    /// access.</summary>
    /// <param name="kind">A kind in any form that kubectl accepts; null returns an empty list.</param>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    public Task<IReadOnlyList<string>> ListAsync(string? kind, string? cluster, string? ns) => QueryAsync(cluster, async (api, stop) =>
    {
        var effectiveNamespace = ns ?? api.DefaultNamespace;
        // For these kinds no discovery request is necessary, which saves time.
        return await (kind switch
        {
            null => Task.FromResult<IReadOnlyList<string>>([]),
            "Node" => ListAsync<V1Node>(api, null, stop),
            "Namespace" => ListAsync<V1Namespace>(api, null, stop),
            "Pod" => ListAsync<V1Pod>(api, effectiveNamespace, stop),
            "Deployment" => ListAsync<V1Deployment>(api, effectiveNamespace, stop),
            "Service" => ListAsync<V1Service>(api, effectiveNamespace, stop),
            _ => AnyAsync(api, kind, effectiveNamespace, stop),
        });
    });

    internal async Task<IReadOnlyList<string>> QueryAsync(string? cluster, Func<KubeApi, CancellationToken, Task<IReadOnlyList<string>>> query)
    {
        using var timer = new CancellationTokenSource(Timeout, kube.Clock);
        try
        {
            // Reading a kubeconfig can take time.
            return await Task.Run(async () =>
            {
                using var api = kube.Open(cluster);
                return await query(api, timer.Token);
            }, CancellationToken.None).WaitAsync(timer.Token);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> AnyAsync(KubeApi api, string name, string ns, CancellationToken stop)
    {
        var kind = await api.KindAsync(name, stop);
        return await api.ListAsync(kind, kind.Namespaced == false ? null : ns, new(), stop).Select(o => o.Name).Order(StringComparer.Ordinal)
            .ToListAsync(stop);
    }

    private static async Task<IReadOnlyList<string>> ListAsync<T>(KubeApi api, string? ns, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await api.ListAsync<T>(ns, (string?)null, stop).Select(o => o.Metadata.Name).Order(StringComparer.Ordinal).ToListAsync(stop);
}
