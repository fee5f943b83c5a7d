namespace KubeLab.Engine.Bootstrap;

/// <summary>What to install.</summary>
/// <param name="Mirror">Where from; its version is the one installed.</param>
/// <param name="IsVersionAsked">The user named the version: a machine with another one is an error. Otherwise what is installed is kept.</param>
public sealed record InstallOptions(Mirror Mirror, bool IsVersionAsked);

/// <summary>What a cluster is made with.</summary>
/// <param name="Name">Its name, or null: the lab of its machines.</param>
public sealed record InitializeOptions(string? Name)
{
    /// <summary>HostRoutes, Calico, Flannel, a manifest's URL or path, or null: what the machines' mirror declares, and otherwise Calico.</summary>
    public string? PodNetwork { get; init; }

    /// <summary>The pods' addresses, or null: the first usual network that the machines do not use.</summary>
    public string? PodSubnet { get; init; }
}
