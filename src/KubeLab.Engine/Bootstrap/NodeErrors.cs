namespace KubeLab.Engine.Bootstrap;

/// <summary>The errors that node scripts report, with their next steps.</summary>
internal static class NodeErrors
{
    private static readonly Dictionary<string, (KlErrorKind Kind, string NextStep)> Known = new()
    {
        [ErrorIds.MirrorUnreachable] = (KlErrorKind.Unreachable,
            "Check that the machine can reach the mirror, or specify another mirror with -Mirror or KUBELAB_MIRROR."),
        [ErrorIds.KubernetesVersionNotFound] = (KlErrorKind.NotFound, "Specify an available version with -Version, or another -Mirror."),
        [ErrorIds.VersionDiffers] = (KlErrorKind.Exists, "Omit -Version to keep the installed version."),
        [ErrorIds.MachineInUse] = (KlErrorKind.Exists, "To give up that cluster, run kubeadm reset on the machine, then try again."),
        [ErrorIds.AddressNotOnMachine] = (KlErrorKind.InvalidInput, "Specify the address at which other nodes reach the machine."),
        [ErrorIds.UnsupportedMachine] = (KlErrorKind.InvalidInput, "Use a machine that runs Debian or Ubuntu with systemd."),
        [ErrorIds.ContainerdTooOld] = (KlErrorKind.NotInstalled, "Specify an older Kubernetes version with -Version, or a mirror with a newer containerd."),
        [ErrorIds.AptFailed] = (KlErrorKind.Failed, "Fix 'apt-get update' on the machine, then run the same command again."),
        [ErrorIds.MachineBusy] = (KlErrorKind.Timeout, "Wait for the other run or stop it, then run the same command again."),
        [ErrorIds.PodNetworkDiffers] = (KlErrorKind.Exists, "Omit -PodNetwork, or remove the machines and create the cluster again."),
        [ErrorIds.ServiceDown] = (KlErrorKind.Failed, "Fix the service so that systemctl can start it, then run the same command again."),
        [ErrorIds.InotifyLimit] = (KlErrorKind.Failed,
            "Run 'sysctl -w fs.inotify.max_user_instances=8192' on the machine, or on the host of its container, then run the same command again."),
        [ErrorIds.ImagesUnreachable] = (KlErrorKind.Unreachable,
            "Make the registry reachable from the machine (containerd has its own proxy settings), or install from a mirror that has the images."),
        [ErrorIds.HostRoutesFailed] = (KlErrorKind.Failed, "Create the cluster with -PodNetwork Calico or Flannel instead."),
        [ErrorIds.RegistryPortTaken] = (KlErrorKind.Exists, "Free the port on the control plane, or choose another port."),
        [ErrorIds.FaultTargetGone] = (KlErrorKind.NotFound, "Choose a target that exists and runs."),
        [ErrorIds.FaultUnsupported] = (KlErrorKind.InvalidInput, "Nothing was changed. Choose another kind of fault, or another machine."),
    };

    /// <summary>Creates the error for an "::error ID TEXT" line.</summary>
    public static KlException Create(string host, string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (id, text) = (line[..space], line[(space + 1)..]);
        var (kind, nextStep) = Known[id];
        return new(id, kind, host, $"{host}: {text}", nextStep);
    }
}
