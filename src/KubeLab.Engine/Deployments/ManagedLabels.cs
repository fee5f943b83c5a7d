using k8s;
using k8s.Models;

namespace KubeLab.Engine.Deployments;

/// <summary>Labels and annotations of objects that KubeLab created.</summary>
internal static class ManagedLabels
{
    public const string NameLabel = "app.kubernetes.io/name";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string ServiceAnnotation = "org.kubelab/service";
    public const string InternalAnnotation = "org.kubelab/inside-only";
    public const string NodeAnnotation = "org.kubelab/node";

    public static Dictionary<string, string> Labels(string? name = null)
    {
        var labels = new Dictionary<string, string> { [ManagedBy] = "kubelab" };
        if (name is not null)
            labels[NameLabel] = name;
        return labels;
    }

    public static bool IsManaged(IKubernetesObject<V1ObjectMeta> seen) => seen.Metadata.Labels?.TryGetValue(ManagedBy, out var by) == true && by == "kubelab";

    /// <exception cref="KlException">The object exists and was not created by KubeLab.</exception>
    public static void Check(IKubernetesObject<V1ObjectMeta>? seen, string what, string existsId)
    {
        if (seen is not null && !IsManaged(seen))
            throw new KlException(existsId, KlErrorKind.Exists, seen.Metadata.Name,
                $"The {what} {seen.Metadata.NamespaceProperty}/{seen.Metadata.Name} already exists and was not created by KubeLab.",
                "Specify another name or namespace, or remove the existing object first.");
    }
}
