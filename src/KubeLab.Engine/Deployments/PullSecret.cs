using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>The pull secret of the cluster's registry, copied to the namespaces that need it.</summary>
internal static class PullSecret
{
    /// <summary>The name in every namespace. The original is in kube-system.</summary>
    public const string Name = "kubelab-registry";

    private const string Key = ".dockerconfigjson";

    /// <summary>Copies the secret to the namespace if the image comes from the cluster's registry.</summary>
    /// <returns>The name of the secret, or null if the image does not need it.</returns>
    public static async Task<string?> EnsureAsync(KubeApi api, string ns, string image, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await OriginalAsync(api, stop) is not { } original
            || original.Metadata.Annotations?.TryGetValue(ManagedLabels.RegistryAnnotation, out var address) != true
            || !image.StartsWith(address + "/", StringComparison.Ordinal)
            || original.Data?.TryGetValue(Key, out var login) != true)
            return null;
        if (ns != "kube-system")
        {
            var copy = new V1Secret
            {
                Metadata = new()
                {
                    Name = Name, NamespaceProperty = ns, Labels = ManagedLabels.Labels(),
                    Annotations = new Dictionary<string, string> { [ManagedLabels.RegistryAnnotation] = address! }
                },
                Type = "kubernetes.io/dockerconfigjson",
                Data = new Dictionary<string, byte[]> { [Key] = login! },
            };
            if ((await api.ApplyAsync(copy, stop)).Changed)
                events.Changed($"namespace/{ns}", $"pull secret for {address} applied");
        }
        return Name;
    }

    private static async Task<V1Secret?> OriginalAsync(KubeApi api, CancellationToken stop)
    {
        try
        {
            return await api.FindAsync<V1Secret>(Name, "kube-system", stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // In a cluster that was not created by KubeLab, users may lack access to kube-system. It has no KubeLab registry.
            return null;
        }
    }
}
