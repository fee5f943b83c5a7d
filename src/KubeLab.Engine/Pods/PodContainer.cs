using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Pods;

/// <summary>One container of a pod.</summary>
internal sealed record PodContainer(string Namespace, string Pod, string Container)
{
    // What kubectl takes for the container that a pod's author means.
    private const string DefaultAnnotation = "kubectl.kubernetes.io/default-container";

    /// <summary>The pod of that name, or of an object named KIND/NAME the one that runs best.</summary>
    /// <exception cref="KlException">PodNotFound; ResourceNotFound, PodsNone, KubeKindUnknown.</exception>
    public static async Task<V1Pod> PodAsync(KubeApi api, string? ns, string name, CancellationToken stop)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return (await PodSelection.OneAsync(api, ns, name, stop)).Pod;
        ns ??= api.DefaultNamespace;
        return await api.FindAsync<V1Pod>(name, ns, stop) ?? throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, name,
            $"{api.Cluster} has no pod {ns}/{name}.", "Get-KlPod lists those there are.");
    }

    /// <summary>The container of that name, or the one there is.</summary>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed.</exception>
    public static async Task<PodContainer> FindAsync(KubeApi api, string? ns, string pod, string? container, CancellationToken stop) =>
        Of(await PodAsync(api, ns, pod, stop), container);

    /// <summary>The container of that name, or the one there is.</summary>
    /// <exception cref="KlException">ContainerNotFound, ContainerNotNamed.</exception>
    public static PodContainer Of(V1Pod pod, string? named)
    {
        var there = pod.Spec.Containers.Select(c => c.Name).ToList();
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        named ??= there.Count == 1 ? there[0] : pod.Metadata.Annotations?.TryGetValue(DefaultAnnotation, out var meant) == true ? meant : null;
        return named is null
                ? throw new KlException(ErrorIds.ContainerNotNamed, KlErrorKind.InvalidInput, name, $"The pod {ns}/{name} has several containers: {string.Join(", ", there)}.", "Name one by -Container.")
            : All(pod).Contains(named) ? new(ns, name, named)
            : throw new KlException(ErrorIds.ContainerNotFound, KlErrorKind.NotFound, name, $"The pod {ns}/{name} has no container {named}; it has: {string.Join(", ", All(pod))}.", "Name one of them by -Container.");
    }

    /// <summary>The names of all, those that initialize first.</summary>
    public static IEnumerable<string> All(V1Pod pod) =>
        [.. (pod.Spec.InitContainers ?? []).Select(c => c.Name), .. pod.Spec.Containers.Select(c => c.Name), .. (pod.Spec.EphemeralContainers ?? []).Select(c => c.Name)];
}
