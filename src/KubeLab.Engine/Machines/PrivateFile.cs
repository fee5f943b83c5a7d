namespace KubeLab.Engine.Machines;

/// <summary>Files that only their owner may read, written so that a reader sees all of one version or all of another.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes a folder, and those above it, with mode 0700; one that is there is left as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file with mode 0600 beside its place and then moves it there.</summary>
    public static async Task WriteAsync(string path, string content, CancellationToken stop)
    {
        var beside = $"{path}.{Guid.NewGuid():n}";
        try
        {
            await using (var file = new FileStream(beside, Options(FileMode.CreateNew)))
            await using (var writer = new StreamWriter(file))
                await writer.WriteAsync(content.AsMemory(), stop);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Waits until no other process of this user holds the lock, and holds it until it is disposed.</summary>
    public static async Task<IDisposable> LockAsync(string path, CancellationToken stop)
    {
        for (; ; await Task.Delay(Recheck, stop))
        {
            try
            {
                return new FileStream(path, Options(FileMode.OpenOrCreate));
            }
            catch (IOException held) when (held is not (DirectoryNotFoundException or PathTooLongException))
            {
                // FileShare.None is an advisory lock on Unix; it has no blocking form in .NET.
            }
        }
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        return options;
    }
}
