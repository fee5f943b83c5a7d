namespace KubeLab.Engine.Bootstrap;

/// <summary>Packages that were installed.</summary>
/// <param name="Version">The version of Kubernetes.</param>
/// <param name="Index">A digest of the index of the package repository.</param>
public sealed record Installation(string Version, string Index);
