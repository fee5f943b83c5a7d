using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The errors that the node scripts of this room report.</summary>
internal static class NodeErrors
{
    public static readonly Dictionary<string, NodeError> Known = new()
    {
        [ErrorIds.MirrorUnreachable] = new(KlErrorKind.Unreachable,
            "Check that the machine can reach the mirror, or specify another mirror with -Mirror or KUBELAB_MIRROR."),
        [ErrorIds.KubernetesVersionNotFound] = new(KlErrorKind.NotFound, "Specify an available version with -Version, or another -Mirror."),
        [ErrorIds.VersionDiffers] = new(KlErrorKind.Exists, "Omit -Version to keep the installed version."),
        [ErrorIds.AddressNotOnMachine] = new(KlErrorKind.InvalidInput, "Specify the address at which other nodes reach the machine."),
        [ErrorIds.UnsupportedMachine] = new(KlErrorKind.InvalidInput, "Use a machine that runs Debian or Ubuntu with systemd."),
        [ErrorIds.ContainerdTooOld] = new(KlErrorKind.NotInstalled, "Specify an older Kubernetes version with -Version, or a mirror with a newer containerd."),
        [ErrorIds.PodNetworkDiffers] = new(KlErrorKind.Exists, "Omit -PodNetwork, or remove the machines and create the cluster again."),
        [ErrorIds.EtcdNotLeft] = new(KlErrorKind.Failed, "Repair etcd or the API server, then run the same command again."),
        [ErrorIds.RestoreFailed] = new(KlErrorKind.Failed, "Check the backup, then run the same command again."),
        [ErrorIds.ResetFailed] = new(KlErrorKind.Failed, "Fix the cause, then run the same command again. It continues where it stopped."),
        [ErrorIds.HostRoutesFailed] = new(KlErrorKind.Failed, "Create the cluster with -PodNetwork Calico or Flannel instead."),
    };
}
