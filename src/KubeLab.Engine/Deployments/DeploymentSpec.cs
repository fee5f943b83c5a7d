namespace KubeLab.Engine.Deployments;

/// <summary>The desired deployment. Null properties default to the image's declarations.</summary>
public sealed record DeploymentSpec
{
    /// <summary>The name. Its pods have it as the label app.kubernetes.io/name.</summary>
    public required string Name { get; init; }

    /// <summary>The image reference.</summary>
    public required string Image { get; init; }

    /// <summary>The cluster, or null for the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace, or null for the context's namespace. It is created if it does not exist.</summary>
    public string? Namespace { get; init; }

    /// <summary>The declarations of the image.</summary>
    public ImageDeclaration Declares { get; init; } = new();

    /// <summary>The number of replicas. If null and not declared, the current number is kept (1 for a new deployment).</summary>
    public int? Replicas { get; init; }

    /// <summary>TCP ports.</summary>
    public IReadOnlyList<int>? Ports { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment variables from Secrets: name to SECRET/KEY. A missing key is generated.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The program and its arguments, or null for the image's command.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Returns the specification for a published image.</summary>
    public static DeploymentSpec Of(KlImage image) => new() { Name = image.Name, Image = image.Reference, Cluster = image.Cluster, Declares = image.Declares };
}
