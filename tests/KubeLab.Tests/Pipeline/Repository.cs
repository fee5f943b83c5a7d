using System.Reflection;

namespace KubeLab.Tests.Pipeline;

/// <summary>Where the sources are, wherever the build put its output.</summary>
internal static class Repository
{
    /// <summary>The folder of KubeLab.psd1.</summary>
    public static string Root { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!);
}
