using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>A container of a pod.</summary>
internal sealed record PodContainer(string Namespace, string Pod, string Container)
{
    // The annotation by which kubectl selects the default container.
    private const string DefaultAnnotation = "kubectl.kubernetes.io/default-container";

    /// <summary>Returns the pod with this name; for KIND/NAME, the most suitable pod of the object.</summary>
    /// <exception cref="KlException">PodNotFound; ResourceNotFound, KubeKindNotFound.</exception>
    public static async Task<V1Pod> PodAsync(KubeApi api, string? ns, string name, CancellationToken stop)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return (await PodSelection.OneAsync(api, ns, name, stop)).Pod;
        ns ??= api.DefaultNamespace;
        return await api.FindAsync<V1Pod>(name, ns, stop) ?? throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, name,
            $"Pod '{ns}/{name}' was not found in cluster '{api.Cluster}'.");
    }

    /// <summary>Returns the container with this name, or the default container for null.</summary>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed.</exception>
    public static async Task<PodContainer> FindAsync(KubeApi api, string? ns, string pod, string? container, CancellationToken stop) =>
        Of(await PodAsync(api, ns, pod, stop), container);

    /// <summary>Returns the container with this name, or the default container for null.</summary>
    /// <exception cref="KlException">ContainerNotFound, ContainerNotNamed.</exception>
    public static PodContainer Of(V1Pod pod, string? container)
    {
        var names = pod.Spec.Containers.Select(c => c.Name).ToList();
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        container ??= names.Count == 1 ? names[0] : pod.Metadata.Annotations?.TryGetValue(DefaultAnnotation, out var defaultName) == true ? defaultName : null;
        return container is null
                ? throw new KlException(ErrorIds.ContainerNotNamed, KlErrorKind.InvalidInput, name,
                    $"The pod {ns}/{name} has several containers: {string.Join(", ", names)}.", "Specify one with -Container.")
            : All(pod).Contains(container) ? new(ns, name, container)
            : throw new KlException(ErrorIds.ContainerNotFound, KlErrorKind.NotFound, name,
                $"The pod {ns}/{name} has no container '{container}'. Its containers: {string.Join(", ", All(pod))}.", "Specify one of them with -Container.");
    }

    /// <summary>The names of all containers, starting with init containers.</summary>
    public static IEnumerable<string> All(V1Pod pod) =>
        [.. (pod.Spec.InitContainers ?? []).Select(c => c.Name), .. pod.Spec.Containers.Select(c => c.Name),
            .. (pod.Spec.EphemeralContainers ?? []).Select(c => c.Name)];
}
