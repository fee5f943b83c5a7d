using k8s.Models;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>Lists container names for completion.</summary>
/// <param name="names">Queries a cluster for names.</param>
public sealed class ContainerNames(KubeNames names)
{
    /// <summary>Lists the names of the containers of a deployment or pod (for KIND/NAME, of one of its pods). Returns an empty list if the cluster does not
    /// respond within a second, denies access or is unknown.</summary>
    /// <param name="kind">Pod or Deployment.</param>
    /// <param name="name">The name; null returns an empty list.</param>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    public Task<IReadOnlyList<string>> ListAsync(string kind, string? name, string? cluster, string? ns) => names.QueryAsync(cluster, async (api, stop) =>
    {
        var effectiveNamespace = ns ?? api.DefaultNamespace;
        if (name is null)
            return [];
        if (kind == "Deployment")
            return [.. (await api.FindAsync<V1Deployment>(name, effectiveNamespace, stop))?.Spec.Template.Spec.Containers.Select(c => c.Name) ?? []];
        return [.. PodContainer.All(await PodContainer.PodAsync(api, effectiveNamespace, name, stop))];
    });
}
