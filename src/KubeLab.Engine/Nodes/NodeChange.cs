namespace KubeLab.Engine.Nodes;

/// <summary>What to change of a node; all else stays.</summary>
public sealed record NodeChange
{
    /// <summary>Labels to put; null takes one off.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>Annotations to put; null takes one off.</summary>
    public IReadOnlyDictionary<string, string?> Annotations { get; init; } = new Dictionary<string, string?>();

    /// <summary>Taints as kubectl taint takes them: KEY=VALUE:EFFECT or KEY:EFFECT puts one, KEY:EFFECT- or KEY- takes it off.</summary>
    public IReadOnlyList<string> Taints { get; init; } = [];
}
