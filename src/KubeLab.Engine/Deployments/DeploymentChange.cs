namespace KubeLab.Engine.Deployments;

/// <summary>Changes to a deployment. Null properties are not changed.</summary>
public sealed record DeploymentChange
{
    /// <summary>The number of replicas.</summary>
    public int? Replicas { get; init; }

    /// <summary>The image of the container.</summary>
    public string? Image { get; init; }

    /// <summary>Environment variables of the container; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The container to which <see cref="Image"/> and <see cref="Environment"/> apply, or null for the only one.</summary>
    public string? Container { get; init; }
}
