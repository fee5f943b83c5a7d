namespace KubeLab.Engine.Bootstrap;

/// <summary>The errors that node scripts name themselves, with what to do about each.</summary>
internal static class NodeErrors
{
    private static readonly Dictionary<string, (KlErrorKind Kind, string NextStep)> Known = new()
    {
        [ErrorIds.MirrorUnreachable] = (KlErrorKind.Unreachable, "Check that the machine reaches it, or name another with -Mirror or KUBELAB_MIRROR."),
        [ErrorIds.KubernetesVersionUnknown] = (KlErrorKind.NotFound, "Ask for a version that is there, with -Version, or for another -Mirror."),
        [ErrorIds.VersionDiffers] = (KlErrorKind.Exists, "Leave -Version out to keep what is installed."),
        [ErrorIds.MachineInUse] = (KlErrorKind.Exists, "If that Kubernetes may go, run kubeadm reset on the machine and try again."),
        [ErrorIds.AddressNotOnMachine] = (KlErrorKind.InvalidInput, "Give the machine the address that the other nodes reach it by."),
        [ErrorIds.UnsupportedMachine] = (KlErrorKind.InvalidInput, "Use a machine with Debian or Ubuntu and systemd."),
        [ErrorIds.ContainerdTooOld] = (KlErrorKind.NotInstalled, "Ask for an older Kubernetes with -Version, or for a mirror that has a newer containerd."),
        [ErrorIds.AptFailed] = (KlErrorKind.Failed, "Make apt-get update work on the machine, then run the same command again."),
        [ErrorIds.MachineBusy] = (KlErrorKind.Timeout, "Wait for that run or end it, then run the same command again."),
        [ErrorIds.PodNetworkDiffers] = (KlErrorKind.Exists, "Leave the pod network out, or remove the machines and begin again."),
        [ErrorIds.ServiceDown] = (KlErrorKind.Failed, "Make systemctl start it on the machine, then run the same command again."),
        [ErrorIds.InotifyLimit] = (KlErrorKind.Failed, "Run 'sysctl -w fs.inotify.max_user_instances=8192' on the machine, or on the host of its container, then run the same command again."),
        [ErrorIds.ImagesUnreachable] = (KlErrorKind.Unreachable, "Make the registry reachable from the machine (containerd has a proxy of its own), or install from a mirror that has the images."),
        [ErrorIds.HostRoutesFailed] = (KlErrorKind.Failed, "Make the cluster with -PodNetwork Calico or Flannel instead."),
        [ErrorIds.RegistryPortTaken] = (KlErrorKind.Exists, "Free the port on the control plane, or choose another with New-KlRegistry -Port."),
    };

    /// <summary>The error of a "::error ID TEXT" line.</summary>
    public static KlException Of(string host, string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (id, text) = (line[..space], line[(space + 1)..]);
        var (kind, nextStep) = Known[id];
        return new(id, kind, host, $"{host}: {text}", nextStep);
    }
}
