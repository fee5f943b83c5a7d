namespace KubeLab.Engine.Resources;

/// <summary>Names one object.</summary>
/// <param name="Kind">As kubectl takes it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace, or null: the context's, where its kind lives in one.</param>
/// <param name="ApiVersion">The version that <paramref name="Kind"/> is the exact name of, or null.</param>
public sealed record ResourceId(string Kind, string Name, string? Namespace = null, string? ApiVersion = null);
