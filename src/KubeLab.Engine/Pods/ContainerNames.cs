using k8s.Models;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>Names of containers, for completion.</summary>
/// <param name="names">Asks a cluster for names.</param>
public sealed class ContainerNames(KubeNames names)
{
    /// <summary>Names of the containers of a pod (or one of the pods of KIND/NAME) or deployment; none where the cluster does not answer within a second, refuses, or is not known.</summary>
    /// <param name="kind">Pod or Deployment.</param>
    /// <param name="name">Its name; null has none.</param>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    public Task<IReadOnlyList<string>> ListAsync(string kind, string? name, string? cluster, string? ns) => names.AskAsync(cluster, async (api, stop) =>
    {
        var here = ns ?? api.DefaultNamespace;
        if (name is null)
            return [];
        if (kind == "Deployment")
            return [.. (await api.FindAsync<V1Deployment>(name, here, stop))?.Spec.Template.Spec.Containers.Select(c => c.Name) ?? []];
        return [.. PodContainer.All(await PodContainer.PodAsync(api, here, name, stop))];
    });
}
