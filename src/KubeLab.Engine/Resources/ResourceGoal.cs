namespace KubeLab.Engine.Resources;

/// <summary>What an object of any kind is waited for.</summary>
/// <param name="Condition">A condition's type, or TYPE=STATUS; null: none.</param>
/// <param name="JsonPath">PATH=VALUE, or a path that has to have a value; null: none.</param>
/// <param name="Deleted">That it is gone.</param>
public sealed record ResourceGoal(string? Condition = null, string? JsonPath = null, bool Deleted = false)
{
    /// <summary>What is waited for, in words.</summary>
    public override string ToString() => Deleted ? "to be gone" : Condition is { } condition ? $"to be {condition}" : $"to have {JsonPath}";
}
