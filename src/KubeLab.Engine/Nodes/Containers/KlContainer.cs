namespace KubeLab;

/// <summary>A container on a node, as its container runtime reports it. The API server may not know it.</summary>
public sealed record KlContainer
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The namespace of its pod, or null if the kubelet did not create it.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod, or null.</summary>
    public string? Pod { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Created, Running, Exited or Unknown.</summary>
    public required string State { get; init; }

    /// <summary>The image, or its ID if it has no name on the node.</summary>
    public string? Image { get; init; }

    /// <summary>How often the container was restarted before.</summary>
    public int Attempt { get; init; }

    /// <summary>The creation time by the clock of the node, UTC.</summary>
    public DateTime? Created { get; init; }

    /// <summary>Since its creation.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>The ID.</summary>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
