namespace KubeLab.Engine.Resources;

/// <summary>Identifies one object.</summary>
/// <param name="Kind">A kind in any form that kubectl accepts.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace, or null for the context's namespace. Ignored for kinds that are not namespaced.</param>
/// <param name="ApiVersion">The API version; <paramref name="Kind"/> is then the exact kind. Or null.</param>
public sealed record ResourceId(string Kind, string Name, string? Namespace = null, string? ApiVersion = null);
