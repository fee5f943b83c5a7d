using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>The pull secret of the cluster's registry, copied from kube-system to the namespaces that need it.</summary>
internal static class PullSecret
{
    /// <summary>Copies the secret to the namespace if the image comes from the cluster's registry.</summary>
    /// <returns>The name of the secret, or null if the image does not need it.</returns>
    public static async Task<string?> EnsureAsync(KubeApi api, string ns, string image, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await OriginalAsync(api, stop) is not { } original
            || original.Metadata.Annotations?.TryGetValue(RegistryState.AddressAnnotation, out var address) != true
            || !image.StartsWith(address + "/", StringComparison.Ordinal)
            || original.Data?.TryGetValue(RegistryState.DockerConfig, out var login) != true)
            return null;
        if (ns != "kube-system")
        {
            var copy = new V1Secret
            {
                Metadata = new()
                {
                    Name = RegistryState.SecretName, NamespaceProperty = ns, Labels = ManagedLabels.Labels(),
                    Annotations = new Dictionary<string, string> { [RegistryState.AddressAnnotation] = address! }
                },
                Type = "kubernetes.io/dockerconfigjson",
                Data = new Dictionary<string, byte[]> { [RegistryState.DockerConfig] = login! },
            };
            if ((await api.ApplyAsync(copy, stop)).Changed)
                events.Changed($"namespace/{ns}", $"pull secret for {address} applied");
        }
        return RegistryState.SecretName;
    }

    private static async Task<V1Secret?> OriginalAsync(KubeApi api, CancellationToken stop)
    {
        try
        {
            return await api.FindAsync<V1Secret>(RegistryState.SecretName, "kube-system", stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // In a cluster that was not created by KubeLab, users may lack access to kube-system. It has no KubeLab registry.
            return null;
        }
    }
}
