using k8s.Models;

namespace KubeLab.Engine.Workloads;

/// <summary>A pod's volume in a line.</summary>
internal static class VolumeLine
{
    public static string Of(V1Volume volume) => $"{volume.Name}: " + volume switch
    {
        { PersistentVolumeClaim: { } claim } => $"claim {claim.ClaimName}",
        { ConfigMap: { } map } => $"configmap {map.Name}",
        { Secret: { } secret } => $"secret {secret.SecretName}",
        { EmptyDir: { } empty } => $"empty folder{(string.IsNullOrEmpty(empty.Medium) ? "" : $" in {empty.Medium}")}",
        { HostPath: { } path } => $"the node's {path.Path}",
        { Projected: not null } => "projected (service account token, configmaps, ...)",
        { DownwardAPI: not null } => "fields of the pod",
        { Csi: { } csi } => $"CSI {csi.Driver}",
        { Nfs: { } nfs } => $"NFS {nfs.Server}:{nfs.Path}",
        _ => "of another kind",
    };
}
