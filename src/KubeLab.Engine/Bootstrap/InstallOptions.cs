using KubeLab.Engine.Bootstrap.Mirrors;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The options of an installation.</summary>
/// <param name="Mirror">The source of the packages and the version to install.</param>
/// <param name="IsVersionRequired">Whether a machine with another version is an error. Otherwise an installed version is kept.</param>
public sealed record InstallOptions(Mirror Mirror, bool IsVersionRequired);
