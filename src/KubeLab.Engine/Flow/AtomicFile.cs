namespace KubeLab.Engine.Flow;

/// <summary>Writes files atomically: a reader sees the old version or the new one, even if the writer is killed.</summary>
internal static class AtomicFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder and its parents with mode 0700. An existing folder is not changed.</summary>
    public static void CreateFolder(string path)
    {
        if (File.Exists(path))
            throw new DirectoryNotFoundException($"{path} is not a folder.");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file. A new file gets mode 0600, or another.</summary>
    public static FileStream Open(
        string path, FileMode mode, FileShare share = FileShare.None, UnixFileMode permissions = Owner, FileOptions options = FileOptions.None)
    {
        var how = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, Options = options };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            how.UnixCreateMode = permissions;
        return new(path, how);
    }

    /// <summary>The path of the temporary file. The next write replaces a file that a killed writer left there.</summary>
    public static string TemporaryPath(string path) => path + ".kubelab-new";

    /// <summary>Writes a temporary file with mode 0600 and renames it. The caller must hold a lock: only one writer at a time is allowed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, content, TemporaryPath(path), Owner, overwrite: true);

    /// <summary>Writes a temporary file with a given name and renames it. If each writer uses another name, a lock is not needed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, string beside, UnixFileMode permissions, bool overwrite)
    {
        try
        {
            WriteTemporary(beside, content, permissions);
            File.Move(beside, path, overwrite);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Checks that <see cref="Write(string, ReadOnlySpan{byte})"/> or <see cref="Rewrite(string, ReadOnlySpan{byte})"/> is permitted.</summary>
    public static void Probe(string path, string beside)
    {
        if (File.Exists(path))
            Open(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete).Dispose();
        else
            new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
    }

    /// <summary>Replaces the content of a file and keeps its owner, mode and hard links.</summary>
    public static void Rewrite(string path, ReadOnlySpan<byte> content) => Rewrite(path, content, TemporaryPath(path));

    /// <summary>Like <see cref="Rewrite(string, ReadOnlySpan{byte})"/>, with a given name for the temporary file.</summary>
    public static void Rewrite(string path, ReadOnlySpan<byte> content, string beside)
    {
        // Fails if the user may not write to the file, even if the folder would allow a replacement.
        using var old = Open(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
        var was = UnixFile.Of(path);
        try
        {
            if (was?.Links > 1 || !TryWriteTemporary(beside, content, was))
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

    private static bool TryWriteTemporary(string beside, ReadOnlySpan<byte> content, UnixFile? owner)
    {
        try
        {
            WriteTemporary(beside, content);
            return owner is null || owner.TryOwn(beside);
        }
        catch (Exception error) when (IoError.IsDenied(error))
        {
            // The user may write to the file, but not to its folder.
            return false;
        }
    }

    private static void WriteTemporary(string beside, ReadOnlySpan<byte> content, UnixFileMode permissions = Owner)
    {
        File.Delete(beside);
        using var file = Open(beside, FileMode.CreateNew, permissions: permissions);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    // A single write, padded to the longer of the two versions, so that a kill cannot leave a mix of both.
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
