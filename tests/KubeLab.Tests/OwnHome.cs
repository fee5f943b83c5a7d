using System.Runtime.CompilerServices;

namespace KubeLab.Tests;

/// <summary>The tests' kubeconfig and keys are in a folder of this run's own: whoever runs them finds theirs as they were.</summary>
internal static class OwnHome
{
    /// <summary>The folder.</summary>
    public static string Path { get; } = Directory.CreateTempSubdirectory("kubelab-").FullName;

#pragma warning disable CA2255 // It has to stand before anyone looks, and tests have no other beginning in common.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void MoveIn()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", System.IO.Path.Combine(Path, "kubeconfig"));
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path, recursive: true);
    }
}
