namespace KubeLab.Engine.Nodes;

/// <summary>Changes to a node.</summary>
public sealed record NodeChange
{
    /// <summary>Labels to set; null removes a label.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>Annotations to set; null removes an annotation.</summary>
    public IReadOnlyDictionary<string, string?> Annotations { get; init; } = new Dictionary<string, string?>();

    /// <summary>Taints in the syntax of kubectl taint: KEY=VALUE:EFFECT or KEY:EFFECT adds a taint, KEY:EFFECT- or KEY- removes it.</summary>
    public IReadOnlyList<string> Taints { get; init; } = [];
}
