namespace KubeLab.Engine.Manifests;

/// <summary>A manifest's text and its origin.</summary>
/// <param name="Name">A file, a URL or another origin.</param>
/// <param name="Text">YAML or JSON.</param>
public sealed record ManifestSource(string Name, string Text)
{
    /// <summary>The manifest of an object, with the values of a Secret, also if they are hidden in the output.</summary>
    public static ManifestSource Of(KlResource one) => new($"{one.Kind}/{one.Name}", one.Source.ToJsonString());
}
