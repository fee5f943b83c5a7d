namespace KubeLab;

/// <summary>An image in a registry, and what it declares.</summary>
public sealed record KlImage
{
    /// <summary>Its short name: the folder of its Dockerfile. A deployment made of it is called so.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster whose registry holds it.</summary>
    public required string Cluster { get; init; }

    /// <summary>What a pod names: registry/name@sha256:...</summary>
    public required string Reference { get; init; }

    /// <summary>The manifest's digest.</summary>
    public required string Digest { get; init; }

    /// <summary>Bytes of all its layers.</summary>
    public long Size { get; init; }

    /// <summary>What its Dockerfile declares.</summary>
    public ImageDeclaration Declares { get; init; } = new();

    /// <summary>The reference.</summary>
    public override string ToString() => Reference;
}

/// <summary>What an image's configuration says of how to run it (OCI image-spec config.md: ExposedPorts, Volumes, Labels).</summary>
public sealed record ImageDeclaration
{
    /// <summary>EXPOSE: TCP ports.</summary>
    public int[] Ports { get; init; } = [];

    /// <summary>VOLUME: absolute paths whose data must outlive the pod.</summary>
    public string[] Volumes { get; init; } = [];

    /// <summary>All labels; those under org.kubelab. are defaults of the workload.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>In the Dockerfile's words.</summary>
    public override string ToString() => string.Join("; ",
        [.. Ports.Select(port => $"EXPOSE {port}"), .. Volumes.Select(path => $"VOLUME {path}"), .. Labels.Select(label => $"LABEL {label.Key}={label.Value}")]);
}
