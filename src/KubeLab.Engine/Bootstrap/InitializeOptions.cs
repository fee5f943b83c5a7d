using System.Net;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The options of a new cluster.</summary>
/// <param name="Name">The name. Default: the lab of the machines.</param>
public sealed record InitializeOptions(string? Name)
{
    /// <summary>HostRoutes, Calico, Flannel, or the URL or path of a manifest. Default: the pod network of the mirror, or else Calico.</summary>
    public string? PodNetwork { get; init; }

    /// <summary>The number of control planes. Default: those that exist, or 1.</summary>
    public int? ControlPlanes { get; init; }

    /// <summary>The host name or address, and optionally port, of a load balancer of yours in front of the control planes. Default: KubeLab creates one if
    /// there are several control planes.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The pod subnet. Default: the first common subnet that the machines do not use.</summary>
    public string? PodSubnet { get; init; }

    /// <summary>The cluster that is restored, or null for a new cluster.</summary>
    internal RestoredCluster? Restored { get; init; }
}

/// <summary>A cluster whose state is restored from a folder on its new control plane.</summary>
/// <param name="Folder">The folder, with the snapshot etcd.db and the folder pki.</param>
/// <param name="PodNetwork">The pod network.</param>
/// <param name="PodSubnet">The pod subnet.</param>
/// <param name="ServiceSubnet">The service subnet.</param>
internal sealed record RestoredCluster(string Folder, string PodNetwork, IPNetwork PodSubnet, IPNetwork ServiceSubnet);
