namespace KubeLab.Engine.Bootstrap;

/// <summary>The options of a new cluster.</summary>
/// <param name="Name">The name. Default: the lab of the machines.</param>
public sealed record InitializeOptions(string? Name)
{
    /// <summary>HostRoutes, Calico, Flannel, or the URL or path of a manifest. Default: the pod network of the mirror, or else Calico.</summary>
    public string? PodNetwork { get; init; }

    /// <summary>The pod subnet. Default: the first common subnet that the machines do not use.</summary>
    public string? PodSubnet { get; init; }
}
