namespace KubeLab.Engine.Bootstrap.Mirrors;

/// <summary>The content of mirror.yaml, see docs/mirror.md.</summary>
internal sealed class MirrorFile
{
    public PackageSection? Kubernetes { get; set; }

    public PackageSection? Containerd { get; set; }

    public ImageSection? Images { get; set; }

    public string? PodNetwork { get; set; }

    internal sealed class PackageSection
    {
        public string? Version { get; set; }

        public string? Apt { get; set; }

        public string? Key { get; set; }
    }

    internal sealed class ImageSection
    {
        public string? Repository { get; set; }

        public string? Url { get; set; }

        public string? Ca { get; set; }
    }
}
