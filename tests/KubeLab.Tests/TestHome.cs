using System.Runtime.CompilerServices;

namespace KubeLab.Tests;

/// <summary>Moves the kubeconfig and the keys of the tests to a temporary folder, so that the user's files are not changed.</summary>
internal static class TestHome
{
    /// <summary>The folder.</summary>
    public static string Path { get; } = Directory.CreateTempSubdirectory("kubelab-").FullName;

#pragma warning disable CA2255 // It must run before any test, and xunit has no other hook for that.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", System.IO.Path.Combine(Path, "kubeconfig"));
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path, recursive: true);
    }
}
