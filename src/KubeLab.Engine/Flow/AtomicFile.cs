namespace KubeLab.Engine.Flow;

/// <summary>Files written so that a reader, or who comes after a kill, sees all of one version or all of another.</summary>
internal static class AtomicFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder, and those above it, with mode 0700; one that is there is left as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (File.Exists(path))
            throw new DirectoryNotFoundException($"{path} is not a folder.");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file; one that is made by it has mode 0600.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.None)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = Owner;
        return new(path, options);
    }

    /// <summary>Where a version stands until it is whole. What a killed writer left there goes with the next write.</summary>
    public static string Beside(string path) => path + ".kubelab-new";

    /// <summary>Writes a file with mode 0600 beside its place and then moves it there. One writer at a time: the caller holds a lock.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = Beside(path);
        try
        {
            WriteBeside(beside, content);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Writes a file anew whose owner, mode and further names (hard links) stay as they are.</summary>
    public static void Rewrite(string path, ReadOnlySpan<byte> content)
    {
        // A file that its user may not write is not written, though its folder would allow it.
        using var old = Open(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
        var (was, beside) = (UnixFile.Of(path), Beside(path));
        try
        {
            if (was?.Links > 1 || !TryBeside(beside, content, was))
            {
                RewriteInPlace(old, content);
                return;
            }
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(beside, File.GetUnixFileMode(path));
            else
                old.Dispose();
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            if (File.Exists(beside))
                File.Delete(beside);
        }
    }

    private static bool TryBeside(string beside, ReadOnlySpan<byte> content, UnixFile? owner)
    {
        try
        {
            WriteBeside(beside, content);
            return owner is null || owner.TryOwn(beside);
        }
        catch (Exception error) when (IoError.IsDenied(error))
        {
            // The file may be written, its folder may not.
            return false;
        }
    }

    private static void WriteBeside(string beside, ReadOnlySpan<byte> content)
    {
        File.Delete(beside);
        using var file = Open(beside, FileMode.CreateNew);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    // One write, that of the longer of the two versions: a kill comes before it or after it.
    private static void RewriteInPlace(FileStream file, ReadOnlySpan<byte> content)
    {
        var before = new byte[file.Length];
        file.ReadExactly(before);
        var padded = new byte[Math.Max(before.Length, content.Length)];
        padded.AsSpan().Fill((byte)'\n');
        content.CopyTo(padded);
        try
        {
            RandomAccess.Write(file.SafeFileHandle, padded, 0);
            RandomAccess.SetLength(file.SafeFileHandle, content.Length);
        }
        catch (IOException)
        {
            RandomAccess.Write(file.SafeFileHandle, before, 0);
            RandomAccess.SetLength(file.SafeFileHandle, before.Length);
            throw;
        }
        file.Flush(flushToDisk: true);
    }
}
