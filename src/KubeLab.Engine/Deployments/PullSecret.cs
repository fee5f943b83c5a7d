using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>The Secret that opens the cluster's own registry, copied to where pods need it.</summary>
internal static class PullSecret
{
    /// <summary>Its name in every namespace; the original is in kube-system.</summary>
    public const string Name = "kubelab-registry";

    private const string Key = ".dockerconfigjson";

    /// <summary>Puts it into the namespace where the image comes from that registry.</summary>
    /// <returns>Its name, or null where the image needs none of ours.</returns>
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
                Metadata = new() { Name = Name, NamespaceProperty = ns, Labels = ManagedLabels.Labels(), Annotations = new Dictionary<string, string> { [ManagedLabels.RegistryAnnotation] = address! } },
                Type = "kubernetes.io/dockerconfigjson",
                Data = new Dictionary<string, byte[]> { [Key] = login! },
            };
            if ((await api.ApplyAsync(copy, stop)).Changed)
                events.Changed($"namespace/{ns}", $"given the login of {address}");
        }
        return Name;
    }

    private static async Task<V1Secret?> OriginalAsync(KubeApi api, CancellationToken stop)
    {
        try
        {
            return await api.FindAsync<V1Secret>(Name, "kube-system", stop);
        }
        catch (KlException closed) when (closed.ErrorId == ErrorIds.KubeForbidden)
        {
            // On another's cluster kube-system is not for everyone to read; there is no registry of ours there.
            return null;
        }
    }
}
