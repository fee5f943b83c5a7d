namespace KubeLab.Engine.Flow;

/// <summary>The folder of relative paths. A PowerShell session has its own, which differs from that of the process.</summary>
public static class CurrentFolder
{
    private static readonly AsyncLocal<string?> Folder = new();

    /// <summary>The folder of the running command, inherited by the work that it starts. Default: the current folder of the process.</summary>
    public static string Path
    {
        get => Folder.Value ?? Environment.CurrentDirectory;
        set => Folder.Value = value;
    }
}
