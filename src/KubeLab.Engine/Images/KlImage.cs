namespace KubeLab;

/// <summary>An image in a registry and its declarations.</summary>
public sealed record KlImage
{
    /// <summary>The short name, by default the folder of the Dockerfile. A deployment of the image gets this name by default.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster of the registry.</summary>
    public required string Cluster { get; init; }

    /// <summary>The reference for pods: registry/name@sha256:...</summary>
    public required string Reference { get; init; }

    /// <summary>The digest of the manifest.</summary>
    public required string Digest { get; init; }

    /// <summary>The size of all layers in bytes.</summary>
    public long Size { get; init; }

    /// <summary>The declarations of the Dockerfile.</summary>
    public ImageDeclaration Declares { get; init; } = new();

    /// <summary>The reference.</summary>
    public override string ToString() => Reference;
}

/// <summary>How to run an image, from its configuration (OCI image-spec config.md: ExposedPorts, Volumes, Labels).</summary>
public sealed record ImageDeclaration
{
    /// <summary>The TCP ports (EXPOSE).</summary>
    public int[] Ports { get; init; } = [];

    /// <summary>The absolute paths of persistent data (VOLUME).</summary>
    public string[] Volumes { get; init; } = [];

    /// <summary>All labels. Labels that start with org.kubelab. are defaults for the deployment.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The declarations in Dockerfile syntax.</summary>
    public override string ToString() => string.Join("; ",
    [
        .. Ports.Select(port => $"EXPOSE {port}"), .. Volumes.Select(path => $"VOLUME {path}"),
        .. Labels.Select(label => $"LABEL {label.Key}={label.Value}"),
    ]);
}
