namespace KubeLab.Engine.Bootstrap;

/// <summary>An apt repository: its line, and where its armored OpenPGP key is (written to the line's signed-by path).</summary>
/// <param name="Line">As in sources.list(5); {id} and {codename} stand for the machine's os-release.</param>
/// <param name="Key">URL of the key.</param>
public sealed record AptSource(string Line, string Key);

/// <summary>Where the control plane's images come from instead of registry.k8s.io.</summary>
/// <param name="Repository">kubeadm's imageRepository.</param>
/// <param name="Url">How containerd reaches it; http:// is taken at its word.</param>
/// <param name="Ca">A private CA, PEM.</param>
public sealed record ImageMirror(string Repository, string Url, string? Ca);

/// <summary>Where a node's Kubernetes comes from. Upstream is one of them.</summary>
public sealed record Mirror
{
    /// <summary>The newest stable minor version known when this was written, for when dl.k8s.io does not answer.</summary>
    public const string NewestKnown = "1.37";

    /// <summary>The file or address it was read from, or "upstream".</summary>
    public required string Source { get; init; }

    /// <summary>What is installed unless a version is asked for: 1.36.2, or 1.36 for its newest.</summary>
    public required string Version { get; init; }

    /// <summary>Where kubeadm, kubelet and kubectl are.</summary>
    public required AptSource Kubernetes { get; init; }

    /// <summary>A containerd for machines whose distribution has too old a one, or null.</summary>
    public AptSource? Containerd { get; init; }

    /// <summary>Images, or null: registry.k8s.io.</summary>
    public ImageMirror? Images { get; init; }

    /// <summary>HostRoutes, Calico, Flannel, or a manifest's URL or path.</summary>
    public string PodNetwork { get; init; } = "Calico";

    /// <summary>pkgs.k8s.io, which has one repository a minor version.</summary>
    /// <param name="version">1.37 or 1.37.1.</param>
    /// <remarks>kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm; docs.docker.com/engine/install/debian for containerd.io.</remarks>
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
