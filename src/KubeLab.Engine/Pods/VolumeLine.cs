using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;

namespace KubeLab.Engine.Pods;

/// <summary>Describes a volume of a pod in one line.</summary>
internal static class VolumeLine
{
    public static string Of(V1Volume volume) => $"{volume.Name}: " + volume switch
    {
        { PersistentVolumeClaim: { } claim } => $"claim {claim.ClaimName}",
        { ConfigMap: { } map } => $"configmap {map.Name}",
        { Secret: { } secret } => $"secret {secret.SecretName}",
        { EmptyDir: { } empty } => $"emptyDir{(string.IsNullOrEmpty(empty.Medium) ? "" : $" in {empty.Medium}")}",
        { HostPath: { } path } => $"host path {path.Path}",
        { Projected: not null } => "projected (service account token, configmaps, ...)",
        { DownwardAPI: not null } => "downward API",
        { Image: { } image } => $"image {image.Reference}",
        { Ephemeral: { } ephemeral } => $"ephemeral claim{(ephemeral.VolumeClaimTemplate?.Spec?.StorageClassName is { } name ? $", class {name}" : "")}",
        { Csi: { } csi } => $"CSI {csi.Driver}",
        { Nfs: { } nfs } => $"NFS {nfs.Server}:{nfs.Path}",
        { Iscsi: { } iscsi } => $"iSCSI {iscsi.TargetPortal} {iscsi.Iqn}",
        { Fc: not null } => "Fibre Channel",
        { FlexVolume: { } flex } => $"FlexVolume {flex.Driver}",
        { AwsElasticBlockStore: { } disk } => $"AWS EBS volume {disk.VolumeID}",
        { AzureDisk: { } disk } => $"Azure disk {disk.DiskName}",
        { AzureFile: { } share } => $"Azure file share {share.ShareName}",
        { GcePersistentDisk: { } disk } => $"GCE disk {disk.PdName}",
        { VsphereVolume: { } disk } => $"vSphere disk {disk.VolumePath}",
        { Cinder: { } disk } => $"Cinder volume {disk.VolumeID}",
        { Rbd: { } rbd } => $"Ceph RBD image {rbd.Pool ?? "rbd"}/{rbd.Image}",
        { Cephfs: { } ceph } => $"CephFS {string.Join(',', ceph.Monitors ?? [])}:{ceph.Path ?? "/"}",
        { Glusterfs: { } gluster } => $"GlusterFS {gluster.Endpoints}/{gluster.Path}",
        { GitRepo: { } git } => $"Git repository {git.Repository}",
        { PortworxVolume: { } disk } => $"Portworx volume {disk.VolumeID}",
        { ScaleIO: { } disk } => $"ScaleIO volume {disk.VolumeName}",
        { Storageos: { } disk } => $"StorageOS volume {disk.VolumeName}",
        { Quobyte: { } disk } => $"Quobyte volume {disk.Volume}",
        { Flocker: { } set } => $"Flocker dataset {set.DatasetName ?? set.DatasetUUID}",
        { PhotonPersistentDisk: { } disk } => $"Photon disk {disk.PdID}",
        _ => Field(volume),
    };

    // A volume type that the API package supports but this list does not.
    private static string Field(V1Volume volume) => typeof(V1Volume).GetProperties()
        .Where(p => p.Name != nameof(V1Volume.Name) && p.GetValue(volume) is not null)
        .Select(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? p.Name).FirstOrDefault() ?? "unknown volume type";
}
