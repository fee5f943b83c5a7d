using System.Globalization;
using System.Net;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The state of a machine, as reported by Scripts/facts.sh.</summary>
internal sealed class NodeFacts(IReadOnlyDictionary<string, string> facts)
{
    /// <summary>The kubeadm version, such as 1.37.1, or null if kubeadm is not installed.</summary>
    public string? Kubeadm => Text("kubeadm")?.TrimStart('v');

    /// <summary>The cgroup version: 1 or 2.</summary>
    public int Cgroup => Text("cgroup") == "1" ? 1 : 2;

    /// <summary>Whether swap is on.</summary>
    public bool Swap => Text("swap") == "1";

    /// <summary>The networks of the machine and of its routes, except the default route.</summary>
    public IReadOnlyList<IPNetwork> Networks =>
        [.. (Text("networks") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => IPNetwork.Parse(text))];

    /// <summary>Whether the kubelet is or was part of a cluster.</summary>
    public bool HasKubelet => Text("kubelet") == "1";

    /// <summary>Whether the pod network is set up.</summary>
    public bool HasNetwork => Text("network") == "1";

    /// <summary>The KubeLab cluster of the machine, or null.</summary>
    public string? Cluster => Text("node.cluster");

    /// <summary>Whether the machine is the control plane of the cluster.</summary>
    public bool IsControlPlane => Text("node.role") == "control-plane";

    /// <summary>Whether the init or join is complete.</summary>
    public bool IsDone => Text("node.state") == "done";

    /// <summary>Whether the machine is a complete control plane of a cluster.</summary>
    public bool IsControlPlaneOf(string cluster) => IsControlPlane && IsDone && Cluster == cluster;

    /// <summary>Whether a join has begun that is not complete. The machine may be a member of etcd.</summary>
    public bool IsJoining => Text("node.state") == "joining";

    /// <summary>Whether the machine is being removed from the cluster.</summary>
    public bool IsLeaving => Text("node.state") == "removing";

    /// <summary>The address at which the machine reaches the control planes.</summary>
    public string? Server => Text("node.server");

    /// <summary>The endpoint of the control planes, or null for clusters of earlier versions of KubeLab, which have none.</summary>
    public ClusterEndpoint? Endpoint => Text("node.endpoint") is { } text ? ClusterEndpoint.Parse(text) : null;

    /// <summary>The pod network of the cluster. Recorded on control planes.</summary>
    public string? PodNetwork => Text("node.podNetwork");

    /// <summary>The pod subnet of the cluster. Recorded on control planes.</summary>
    public string? PodSubnet => Text("node.podSubnet");

    /// <summary>Identifies the version of the node record, or null if there is none.</summary>
    public string? Stamp => Text("stamp");

    /// <summary>The required services that are not running, with their states, such as "kubelet (inactive)".</summary>
    public IReadOnlyList<string> Stopped => (Text("stopped") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>When the kubelet was started, by the clock of the machine, or null if it is not running.</summary>
    public DateTimeOffset? KubeletStarted => Time("started");

    /// <summary>When the first certificate of kubeadm on a control plane expires, or null if that is unknown.</summary>
    public DateTimeOffset? CertificatesExpire => Time("expires");

    /// <summary>The service subnet of the cluster. Recorded on control planes.</summary>
    public IPNetwork? ServiceSubnet => IPNetwork.TryParse(Text("services"), out var network) ? network : null;

    /// <summary>The image repository that replaces registry.k8s.io, or null.</summary>
    public string? ImageRepository => Text("mirror.imageRepository");

    /// <summary>The pod network of the mirror, or null.</summary>
    public string? MirrorPodNetwork => Text("mirror.podNetwork");

    private DateTimeOffset? Time(string key) =>
        uint.TryParse(Text(key), CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private string? Text(string key) => facts.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;
}
