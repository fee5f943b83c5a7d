namespace KubeLab.Engine.Pods;

internal sealed partial class PodArchive
{
    /// <summary>Whether something was moved to the target.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Brings it to the target. All is compared with what is there before anything is moved.</summary>
    /// <exception cref="IOException">It does not fit what is there, or nothing is left of it.</exception>
    public void Place()
    {
        if (LinkOf(_item) is { } link)
            throw new IOException($"it is a link to '{link}' in the container. Copy that instead");
        var outward = new List<(string Path, string Why)>();
        if (Path.Exists(_item))
            Compare([], outward);
        foreach (var (path, why) in outward.OrderBy(one => one.Path, StringComparer.Ordinal))
        {
            Skip(Path.Combine(name, Path.GetRelativePath(_item, path)), why);
            Clear(path);
        }
        if (_skipped > Told)
            skipped($"{_skipped - Told} more were skipped.");
        if (!Path.Exists(_item))
            throw new IOException("the container sent nothing that can be copied");
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? target);
        HasBegun = true;
        if (IsFolder(_item) && !Path.Exists(target))
            Directory.Move(_item, target);
        else
            Place(_item, target);
    }

    private static void Place(string from, string to)
    {
        // Moving to another disk, a bind mount below the target, would follow it.
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

    /// <summary>Finds what must not be moved: links that lead out, and folders where a link is.</summary>
    /// <exception cref="IOException">A file would replace a folder, or a folder a file.</exception>
    private void Compare(string[] at, List<(string Path, string Why)> outward)
    {
        var (from, to) = (At(_item, at), At(target, at));
        if (LinkOf(from) is { } link)
        {
            var hops = 0;
            if (Resolve(at[..^1], link, ref hops) is null)
            {
                outward.Add((from, Outward(link)));
                return;
            }
        }
        var (isFolder, isLink) = (IsFolder(from), LinkOf(to) is not null);
        if (isFolder && isLink)
            outward.Add(at.Length > 0 ? (from, $"{to} is a link on this computer")
                : throw new IOException($"{to} is a link. Name the folder that it leads to as the destination"));
        else if (!isLink && isFolder ? File.Exists(to) : !isLink && Directory.Exists(to))
            throw new IOException($"{to} is a {(isFolder ? "file" : "folder")} here, and a {(isFolder ? "folder" : "file or link")} in the container");
        else if (isFolder)
            foreach (var entry in Directory.EnumerateFileSystemEntries(from))
                Compare([.. at, Path.GetFileName(entry)], outward);
    }

    /// <summary>Where a link leads, below the target and by what will be there; null where that is outside, or not certain to stay inside.</summary>
    private List<string>? Resolve(IEnumerable<string> folder, string link, ref int hops)
    {
        if (Path.IsPathRooted(link) || ++hops > 40)
            return null;
        var (at, isCertain) = (folder.ToList(), true);
        foreach (var part in link.Split([Path.DirectorySeparatorChar, '/'], StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            if (part == "..")
            {
                // The folder above a link's is another when the link is; and what is missing can become a link.
                if (!isCertain || at.Count == 0)
                    return null;
                at.RemoveAt(at.Count - 1);
                continue;
            }
            at.Add(part);
            var (ours, there) = (At(_item, at), At(target, at));
            if ((LinkOf(ours) ?? (File.Exists(ours) ? null : LinkOf(there))) is { } next)
            {
                isCertain = false;
                if (Resolve(at[..^1], next, ref hops) is not { } place)
                    return null;
                at = place;
            }
            else
                isCertain &= IsFolder(ours) || IsFolder(there);
        }
        return at;
    }
}
