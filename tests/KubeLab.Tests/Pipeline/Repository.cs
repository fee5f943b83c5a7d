using System.Reflection;

namespace KubeLab.Tests.Pipeline;

/// <summary>Paths of the sources and packages, independent of the build output folder.</summary>
internal static class Repository
{
    /// <summary>The folder of KubeLab.psd1.</summary>
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>The manifest of the Pester module.</summary>
    public static string Pester { get; } = Metadata("Pester");

    /// <summary>The pwsh assembly of the PowerShell tool.</summary>
    public static string Pwsh { get; } = Metadata("Pwsh");

    /// <summary>The C# sources in a folder of the repository and its subfolders, without what a build writes.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == key).Value!;
}
