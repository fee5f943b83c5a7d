using System.Reflection;

namespace KubeLab.Tests.Pipeline;

/// <summary>Where the sources are, wherever the build put its output, and what it was built with.</summary>
internal static class Repository
{
    /// <summary>The folder of KubeLab.psd1.</summary>
    public static string Root { get; } = Path.GetFullPath(Told("RepositoryRoot"));

    /// <summary>Pester's manifest.</summary>
    public static string Pester { get; } = Told("Pester");

    /// <summary>The folder that PowerShell's package has for each kind of system.</summary>
    public static string PowerShell { get; } = Told("PowerShell");

    private static string Told(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
