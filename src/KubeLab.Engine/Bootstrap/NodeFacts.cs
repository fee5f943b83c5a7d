using System.Net;

namespace KubeLab.Engine.Bootstrap;

/// <summary>What a machine said of itself (Scripts/facts.sh).</summary>
internal sealed class NodeFacts(IReadOnlyDictionary<string, string> facts)
{
    /// <summary>kubeadm's version as in 1.37.1, or null where it is not installed.</summary>
    public string? Kubeadm => Text("kubeadm")?.TrimStart('v');

    /// <summary>1 or 2.</summary>
    public int Cgroup => Text("cgroup") == "1" ? 1 : 2;

    /// <summary>Swap is on.</summary>
    public bool Swap => Text("swap") == "1";

    /// <summary>The networks that the machine is on or has routes to, but for the default route.</summary>
    public IReadOnlyList<IPNetwork> Networks =>
        [.. (Text("networks") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => IPNetwork.Parse(text))];

    /// <summary>It has a kubelet that is or was part of a cluster.</summary>
    public bool HasKubelet => Text("kubelet") == "1";

    /// <summary>The pod network has been set up.</summary>
    public bool HasNetwork => Text("network") == "1";

    /// <summary>The cluster it was made a node of by KubeLab, or null.</summary>
    public string? Cluster => Text("node.cluster");

    /// <summary>It is that cluster's control plane.</summary>
    public bool IsControlPlane => Text("node.role") == "control-plane";

    /// <summary>It became what it should.</summary>
    public bool IsDone => Text("node.state") == "done";

    /// <summary>The address of its cluster's control plane.</summary>
    public string? Server => Text("node.server");

    /// <summary>The pod network its cluster was made with; known to the control plane.</summary>
    public string? PodNetwork => Text("node.podNetwork");

    /// <summary>The pods' addresses in its cluster; known to the control plane.</summary>
    public string? PodSubnet => Text("node.podSubnet");

    /// <summary>Tells one state of the machine's mark from the next, or null where it has none.</summary>
    public string? Stamp => Text("stamp");

    /// <summary>The services it needs and that do not run, each with its state, as in "kubelet (inactive)".</summary>
    public IReadOnlyList<string> Stopped => (Text("stopped") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The services' addresses in its cluster; known to the control plane.</summary>
    public IPNetwork? ServiceSubnet => IPNetwork.TryParse(Text("services"), out var network) ? network : null;

    /// <summary>Where images come from instead of registry.k8s.io, or null.</summary>
    public string? ImageRepository => Text("mirror.imageRepository");

    /// <summary>The pod network that the mirror declares, or null.</summary>
    public string? MirrorPodNetwork => Text("mirror.podNetwork");

    private string? Text(string key) => facts.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;
}
