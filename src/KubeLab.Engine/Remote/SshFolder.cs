using KubeLab.Engine.Remote.Config;

namespace KubeLab.Engine.Remote;

/// <summary>The user's ~/.ssh folder.</summary>
internal static class SshFolder
{
    /// <summary>The path of a file in the folder.</summary>
    public static string PathOf(string name) => Path.Combine(Home.Folder, ".ssh", name);

    /// <summary>Expands ~/ or ~user/ at the start of a path.</summary>
    public static string Expand(string path) => Home.Expand(path);
}
