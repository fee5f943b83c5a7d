namespace KubeLab.Engine.Remote.Config;

/// <summary>The user's home folder and paths that start with ~.</summary>
internal static class Home
{
    /// <summary>The folder.</summary>
    public static string Folder => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Expands ~/ or ~user/ at the start of a path.</summary>
    public static string Expand(string path)
    {
        if (path is not ['~', ..])
            return path;
        var end = path.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? slash : path.Length;
        var folder = end == 1 ? Folder : FolderOf(path[1..end]);
        return folder is null ? path : end + 1 >= path.Length ? folder : Path.Combine(folder, path[(end + 1)..].TrimStart('/'));
    }

    // passwd(5): the sixth field.
    private static string? FolderOf(string user) => !File.Exists("/etc/passwd") ? null
        : File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(entry => entry.Length > 5 && entry[0] == user)?[5];
}
