namespace KubeLab.Engine.Deployments;

/// <summary>What a deployment should be. What is null here is as the image declares it.</summary>
public sealed record DeploymentSpec
{
    /// <summary>Its name; its pods carry it as the label app.kubernetes.io/name.</summary>
    public required string Name { get; init; }

    /// <summary>The image's reference.</summary>
    public required string Image { get; init; }

    /// <summary>The cluster, or null: the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace, or null: the context's. One that is absent is made.</summary>
    public string? Namespace { get; init; }

    /// <summary>What the image declares.</summary>
    public ImageDeclaration Declares { get; init; } = new();

    /// <summary>How many; null and not declared leaves it to whoever scales (1 at first).</summary>
    public int? Replicas { get; init; }

    /// <summary>TCP ports.</summary>
    public IReadOnlyList<int>? Ports { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment variables out of Secrets: name to SECRET/KEY. A key that is absent is generated.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Program and arguments in place of the image's.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The deployment of a published image.</summary>
    public static DeploymentSpec Of(KlImage image) => new() { Name = image.Name, Image = image.Reference, Cluster = image.Cluster, Declares = image.Declares };
}
