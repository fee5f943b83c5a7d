namespace KubeLab.Engine.Bootstrap;

/// <summary>The options of an installation.</summary>
/// <param name="Mirror">The source of the packages and the version to install.</param>
/// <param name="IsVersionRequired">Whether a machine with another version is an error. Otherwise an installed version is kept.</param>
public sealed record InstallOptions(Mirror Mirror, bool IsVersionRequired);

/// <summary>Packages that were installed.</summary>
/// <param name="Version">The version of Kubernetes.</param>
/// <param name="Index">A digest of the index of the package repository.</param>
public sealed record Installation(string Version, string Index);

/// <summary>The options of a new cluster.</summary>
/// <param name="Name">The name. Default: the lab of the machines.</param>
public sealed record InitializeOptions(string? Name)
{
    /// <summary>HostRoutes, Calico, Flannel, or the URL or path of a manifest. Default: the pod network of the mirror, or else Calico.</summary>
    public string? PodNetwork { get; init; }

    /// <summary>The pod subnet. Default: the first common subnet that the machines do not use.</summary>
    public string? PodSubnet { get; init; }
}
