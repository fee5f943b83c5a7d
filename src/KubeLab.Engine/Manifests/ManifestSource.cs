namespace KubeLab.Engine.Manifests;

/// <summary>A manifest's text and its origin.</summary>
/// <param name="Name">A file, a URL or another origin.</param>
/// <param name="Text">YAML or JSON.</param>
public sealed record ManifestSource(string Name, string Text);
