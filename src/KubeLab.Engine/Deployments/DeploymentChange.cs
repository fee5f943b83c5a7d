namespace KubeLab.Engine.Deployments;

/// <summary>What to change of a deployment; what is null stays.</summary>
public sealed record DeploymentChange
{
    /// <summary>How many replicas.</summary>
    public int? Replicas { get; init; }

    /// <summary>The container's image.</summary>
    public string? Image { get; init; }

    /// <summary>The container's environment variables; null takes one out.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Which container <see cref="Image"/> and <see cref="Environment"/> are about, or null: the only one.</summary>
    public string? Container { get; init; }
}
