namespace KubeLab.Engine.Remote;

/// <summary>The user's ~/.ssh.</summary>
internal static class SshFolder
{
    /// <summary>A file in it.</summary>
    public static string Of(string name) => Path.Combine(Home, ".ssh", name);

    /// <summary>A path that may begin with ~/.</summary>
    public static string Expand(string path) =>
        path == "~" ? Home : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Home, path[2..]) : path;

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
