namespace KubeLab.Engine.Bootstrap.Mirrors;

/// <summary>An apt repository. Its armored OpenPGP key is written to the signed-by path of the line.</summary>
/// <param name="Line">The line as in sources.list(5). {id} and {codename} are replaced with values from the machine's os-release.</param>
/// <param name="Key">The URL of the key.</param>
public sealed record AptSource(string Line, string Key);

/// <summary>A registry that replaces registry.k8s.io.</summary>
/// <param name="Repository">kubeadm's imageRepository.</param>
/// <param name="Url">The URL for containerd. http:// is allowed.</param>
/// <param name="Ca">A private CA in PEM format, or null.</param>
public sealed record ImageMirror(string Repository, string Url, string? Ca);

/// <summary>The source of packages and images. Upstream is also a mirror.</summary>
public sealed record Mirror
{
    /// <summary>The newest known stable minor version, used if dl.k8s.io does not respond.</summary>
    public const string NewestKnown = "1.37";

    /// <summary>The file or URL of the mirror, or "upstream".</summary>
    public required string Source { get; init; }

    /// <summary>The default version: 1.36.2, or 1.36 for the newest patch version.</summary>
    public required string Version { get; init; }

    /// <summary>The repository of kubeadm, kubelet and kubectl.</summary>
    public required AptSource Kubernetes { get; init; }

    /// <summary>A repository of containerd for distributions whose version is too old, or null.</summary>
    public AptSource? Containerd { get; init; }

    /// <summary>The image registry. Default: registry.k8s.io.</summary>
    public ImageMirror? Images { get; init; }

    /// <summary>HostRoutes, Calico, Flannel, or the URL or path of a manifest.</summary>
    public string PodNetwork { get; init; } = "Calico";

    /// <summary>The mirror for pkgs.k8s.io, which has a repository for each minor version.</summary>
    /// <param name="version">1.37 or 1.37.1.</param>
    /// <remarks>kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm;
    /// docs.docker.com/engine/install/debian for containerd.io.</remarks>
    public static Mirror Upstream(string version)
    {
        var minor = string.Join('.', version.Split('.').Take(2));
        var repository = $"https://pkgs.k8s.io/core:/stable:/v{minor}/deb/";
        return new()
        {
            Source = "upstream",
            Version = version,
            Kubernetes = new($"deb [signed-by=/etc/apt/keyrings/kubernetes.asc] {repository} /", repository + "Release.key"),
            Containerd = new(
                "deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/{id} {codename} stable",
                "https://download.docker.com/linux/{id}/gpg"),
        };
    }
}
