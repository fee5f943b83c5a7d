using System.Reflection;

namespace KubeLab.Tests.Pipeline;

/// <summary>Paths of the sources and packages, independent of the build output folder.</summary>
internal static class Repository
{
    /// <summary>The folder of KubeLab.psd1.</summary>
    public static string Root { get; } = Path.GetFullPath(Told("RepositoryRoot"));

    /// <summary>Pester's manifest.</summary>
    public static string Pester { get; } = Told("Pester");

    /// <summary>The program of the PowerShell tool.</summary>
    public static string Pwsh { get; } = Told("Pwsh");

    private static string Told(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == key).Value!;
}
