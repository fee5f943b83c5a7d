using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Names for someone who types: quick, or none.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class KubeNames(KubeSession kube)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Names of a kind's objects; none where the cluster does not answer within a second, does not let us, or is not known.</summary>
    /// <param name="kind">As kubectl takes it; null has none.</param>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    public Task<IReadOnlyList<string>> ListAsync(string? kind, string? cluster, string? ns) => AskAsync(cluster, async (api, stop) =>
    {
        var here = ns ?? api.DefaultNamespace;
        // Those below are known without asking the server which kinds it serves; someone waits at a key.
        return await (kind switch
        {
            null => Task.FromResult<IReadOnlyList<string>>([]),
            "Node" => ListAsync<V1Node>(api, null, stop),
            "Namespace" => ListAsync<V1Namespace>(api, null, stop),
            "Pod" => ListAsync<V1Pod>(api, here, stop),
            "Deployment" => ListAsync<V1Deployment>(api, here, stop),
            "Service" => ListAsync<V1Service>(api, here, stop),
            _ => AnyAsync(api, kind, here, stop),
        });
    });

    internal async Task<IReadOnlyList<string>> AskAsync(string? cluster, Func<KubeApi, CancellationToken, Task<IReadOnlyList<string>>> ask)
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            // Opening a kubeconfig may itself take a while.
            return await Task.Run(async () =>
            {
                using var api = kube.Open(cluster);
                return await ask(api, late.Token);
            }, CancellationToken.None).WaitAsync(late.Token);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> AnyAsync(KubeApi api, string name, string ns, CancellationToken stop)
    {
        var kind = await api.KindAsync(name, stop);
        return await api.ListAsync(kind, kind.Namespaced == false ? null : ns, new(), stop).Select(o => o.Name).Order(StringComparer.Ordinal).ToListAsync(stop);
    }

    private static async Task<IReadOnlyList<string>> ListAsync<T>(KubeApi api, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        await api.ListAsync<T>(ns, (string?)null, stop).Select(o => o.Metadata.Name).Order(StringComparer.Ordinal).ToListAsync(stop);
}
