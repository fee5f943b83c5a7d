using KubeLab.Engine.Remote.Config;

namespace KubeLab.Engine.Remote;

/// <summary>The user's ~/.ssh.</summary>
internal static class SshFolder
{
    /// <summary>A file in it.</summary>
    public static string Of(string name) => Path.Combine(Home.Folder, ".ssh", name);

    /// <summary>A path that may begin with ~/ or ~user/.</summary>
    public static string Expand(string path) => Home.Expand(path);
}
