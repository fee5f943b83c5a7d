namespace KubeLab.Engine.Resources;

/// <summary>The state of an object to wait for.</summary>
/// <param name="Condition">The type of a condition, or TYPE=STATUS; or null.</param>
/// <param name="JsonPath">PATH=VALUE, or a path that must have a value; or null.</param>
/// <param name="Deleted">Whether to wait for deletion.</param>
public sealed record ResourceGoal(string? Condition = null, string? JsonPath = null, bool Deleted = false)
{
    /// <summary>The state in words.</summary>
    public override string ToString() => Deleted ? "to be deleted" : Condition is { } condition ? $"to be {condition}" : $"to have {JsonPath}";
}
