using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Names for someone who types: quick, or none.</summary>
public static class KubeNames
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Names of a kind's objects; none where the cluster does not answer within a second, does not let us, or is not known.</summary>
    /// <param name="kind">Node, Pod, Deployment, Service or Namespace; another has none.</param>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    public static async Task<IReadOnlyList<string>> ListAsync(string kind, string? cluster, string? ns)
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            // Opening a kubeconfig may itself take a while.
            return await Task.Run(async () =>
            {
                using var api = KubeApi.Open(cluster);
                var here = ns ?? api.DefaultNamespace;
                return await (kind switch
                {
                    "Node" => ListAsync<V1Node>(api, null, late.Token),
                    "Namespace" => ListAsync<V1Namespace>(api, null, late.Token),
                    "Pod" => ListAsync<V1Pod>(api, here, late.Token),
                    "Deployment" => ListAsync<V1Deployment>(api, here, late.Token),
                    "Service" => ListAsync<V1Service>(api, here, late.Token),
                    _ => Task.FromResult<IReadOnlyList<string>>([]),
                });
            }, CancellationToken.None).WaitAsync(late.Token);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync<T>(KubeApi api, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        await api.ListAsync<T>(ns, (string?)null, stop).Select(o => o.Metadata.Name).Order(StringComparer.Ordinal).ToListAsync(stop);
}
