namespace KubeLab.Engine.Remote.Files;

internal sealed partial class FileArchive
{
    /// <summary>Whether anything was moved to the target.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Moves the unpacked item to the target. Compares everything with the existing files before it moves anything.</summary>
    /// <exception cref="IOException">The item conflicts with existing files, or nothing of it can be copied.</exception>
    public void Place()
    {
        if (LinkOf(_item) is { } link)
            throw new IOException($"it is a link to '{link}' in the source. Copy the target of the link instead");
        var outside = new List<(string Path, string Reason)>();
        if (Path.Exists(_item))
            Compare([], outside);
        foreach (var (path, reason) in outside.OrderBy(one => one.Path, StringComparer.Ordinal))
        {
            Skip(Path.Combine(name, Path.GetRelativePath(_item, path)), reason);
            Clear(path);
        }
        if (_skipped > MaxMessages)
            skipped($"{_skipped - MaxMessages} more entries were skipped.");
        if (!Path.Exists(_item))
            throw new IOException("there is nothing that can be copied");
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? target);
        HasMoved = true;
        if (IsFolder(_item) && !Path.Exists(target))
            Directory.Move(_item, target);
        else
            Place(_item, target);
    }

    private static void Place(string from, string to)
    {
        // Moving to another file system (a bind mount below the target) would follow the link.
        if (LinkOf(to) is not null)
            Clear(to);
        if (LinkOf(from) is { } link)
        {
            Clear(to);
            File.CreateSymbolicLink(to, link);
        }
        else if (File.Exists(from))
            File.Move(from, to, overwrite: true);
        else
        {
            if (!Directory.Exists(to))
                MakeFolder(to, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(from));
            foreach (var entry in Directory.EnumerateFileSystemEntries(from))
                Place(entry, Path.Combine(to, Path.GetFileName(entry)));
        }
    }

    /// <summary>Finds items that must not be moved: links that point outside, and folders where the target is a link.</summary>
    /// <exception cref="IOException">A file would replace a folder, or a folder a file.</exception>
    private void Compare(string[] at, List<(string Path, string Reason)> outside)
    {
        var (from, to) = (At(_item, at), At(target, at));
        if (LinkOf(from) is { } link)
        {
            var hops = 0;
            if (Resolve(at[..^1], link, ref hops) is null)
            {
                outside.Add((from, OutsideLink(link)));
                return;
            }
        }
        var (isFolder, isLink) = (IsFolder(from), LinkOf(to) is not null);
        if (isFolder && isLink)
            outside.Add(at.Length > 0 ? (from, $"{to} is a link on this computer")
                : throw new IOException($"{to} is a link. Specify the folder that it points to as the destination"));
        else if (!isLink && isFolder ? File.Exists(to) : !isLink && Directory.Exists(to))
            throw new IOException($"{to} is a {(isFolder ? "file" : "folder")} on this computer,"
                + $" but a {(isFolder ? "folder" : "file or link")} in the source");
        else if (isFolder)
            foreach (var entry in Directory.EnumerateFileSystemEntries(from))
                Compare([.. at, Path.GetFileName(entry)], outside);
    }

    /// <summary>Returns the path below the target that a link will point to; null if it is outside or could be.</summary>
    private List<string>? Resolve(IEnumerable<string> folder, string link, ref int hops)
    {
        if (Path.IsPathRooted(link) || ++hops > 40)
            return null;
        var (at, isCertain) = (folder.ToList(), true);
        foreach (var part in link.Split([Path.DirectorySeparatorChar, '/'], StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            if (part == "..")
            {
                // The parent of a link's target is not the parent of the link, and a missing folder can become a link.
                if (!isCertain || at.Count == 0)
                    return null;
                at.RemoveAt(at.Count - 1);
                continue;
            }
            at.Add(part);
            var (unpacked, existing) = (At(_item, at), At(target, at));
            if ((LinkOf(unpacked) ?? (File.Exists(unpacked) ? null : LinkOf(existing))) is { } next)
            {
                isCertain = false;
                if (Resolve(at[..^1], next, ref hops) is not { } place)
                    return null;
                at = place;
            }
            else
                isCertain &= IsFolder(unpacked) || IsFolder(existing);
        }
        return at;
    }
}
