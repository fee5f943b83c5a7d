using k8s;
using k8s.Models;

namespace KubeLab.Engine.Deployments;

/// <summary>How objects that KubeLab made are known.</summary>
internal static class ManagedLabels
{
    public const string NameLabel = "app.kubernetes.io/name";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string ServiceAnnotation = "org.kubelab/service";
    public const string InsideAnnotation = "org.kubelab/inside-only";
    public const string RegistryAnnotation = "org.kubelab/registry";
    public const string NodeAnnotation = "org.kubelab/node";

    public static Dictionary<string, string> Labels(string? name = null)
    {
        var labels = new Dictionary<string, string> { [ManagedBy] = "kubelab" };
        if (name is not null)
            labels[NameLabel] = name;
        return labels;
    }

    public static bool Made(IKubernetesObject<V1ObjectMeta> seen) => seen.Metadata.Labels?.TryGetValue(ManagedBy, out var by) == true && by == "kubelab";

    /// <exception cref="KlException">There is one, and it is not ours.</exception>
    public static void Check(IKubernetesObject<V1ObjectMeta>? seen, string what)
    {
        if (seen is not null && !Made(seen))
            throw new KlException($"{what}Exists", KlErrorKind.Exists, seen.Metadata.Name,
                $"There is a {what.ToLowerInvariant()} {seen.Metadata.NamespaceProperty}/{seen.Metadata.Name} already, and KubeLab did not make it.",
                "Give another by -Name or -Namespace, or remove that one first.");
    }
}
