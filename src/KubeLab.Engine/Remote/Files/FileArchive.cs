using System.Formats.Tar;

namespace KubeLab.Engine.Remote.Files;

/// <summary>The output of tar in a container or on a machine. It is not trusted: nothing outside the target is written, moved or removed.</summary>
/// <remarks>It is unpacked in a separate folder, where no path through a link is written to. It is then merged with the target, whose links are not
/// followed either. A link from the archive is kept only if it points to a place inside the target.</remarks>
/// <param name="work">An empty folder that only this user can access.</param>
/// <param name="name">The requested item; "." means the contents of a folder.</param>
/// <param name="target">The local path of the item.</param>
/// <param name="skipped">Receives a message for each skipped entry.</param>
internal sealed partial class FileArchive(string work, string name, string target, Action<string> skipped)
{
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int MaxMessages = 20;
    private static readonly HashSet<string> Reserved = new(["CON", "PRN", "AUX", "NUL"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> Numbered = new(["COM", "LPT"], StringComparer.OrdinalIgnoreCase);
    private readonly string _item = Path.Combine(work, "item");
    private int _skipped;

    /// <summary>Returns the target of a link as stored in it; null if the path is not a link.</summary>
    public static string? LinkOf(string path) => new FileInfo(path).LinkTarget;

    /// <summary>Whether a path is a folder and not a link to one.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path) && LinkOf(path) is null;

    /// <summary>Creates a folder that its owner can always access.</summary>
    public static void MakeFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, (mode & Permissions) | Owner);
    }

    /// <summary>Unpacks the archive.</summary>
    /// <exception cref="InvalidDataException">The stream is not an archive.</exception>
    public async Task UnpackAsync(Stream archive, CancellationToken stop)
    {
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
                if (entry.EntryType != TarEntryType.GlobalExtendedAttributes && await UnpackAsync(entry, stop) is { } problem)
                    Skip(entry.Name, problem);
            // Reads the padding of the last block.
            await archive.CopyToAsync(Stream.Null, stop);
        }
        catch (Exception error) when (error is not (KlException or OperationCanceledException or IOException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"the archive cannot be read: {error.Message}", error);
        }
    }

    private static string At(string root, IEnumerable<string> parts) => Path.Combine([root, .. parts]);

    private static string OutsideLink(string link) => $"it is a link to '{link}', which is outside the copy";

    private static void Clear(string path)
    {
        if (IsFolder(path))
            Directory.Delete(path, recursive: true);
        else if (OperatingSystem.IsWindows() && Directory.Exists(path))
            Directory.Delete(path);
        else
            File.Delete(path);
    }

    // U+FFFD replaces invalid UTF-8, so two names could become the same.
    private static bool IsInvalidName(string part) => part.IndexOfAny(['\0', '\uFFFD']) >= 0
        || OperatingSystem.IsWindows() && (part.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || part[^1] is '.' or ' '
            || Path.GetFileNameWithoutExtension(part).TrimEnd() is var stem && (Reserved.Contains(stem)
                || stem.Length == 4 && char.IsDigit(stem[3]) && Numbered.Contains(stem[..3])));

    private void Skip(string what, string reason)
    {
        if (++_skipped <= MaxMessages)
            skipped($"'{what}' was skipped: {reason}.");
    }

    /// <summary>Unpacks one entry, or returns why it is skipped. As with tar, the last entry with a name wins.</summary>
    private async Task<string?> UnpackAsync(TarEntry entry, CancellationToken stop)
    {
        if (Problem(entry.Name, out var parts) is { } problem)
            return problem;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                EnsureFolder(parts, entry.Mode);
                return null;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
                    return "it is a sparse file in an unsupported format";
                entry.Mode = (entry.Mode & Permissions) | UnixFileMode.UserRead;
                await entry.ExtractToFileAsync(ClearedPath(parts), overwrite: false, stop);
                return null;
            case TarEntryType.SymbolicLink:
                return Link(parts, entry.LinkName);
            case TarEntryType.HardLink:
                return Copy(parts, entry.LinkName);
            case TarEntryType.Fifo:
                return "it is a FIFO (named pipe)";
            case TarEntryType.BlockDevice or TarEntryType.CharacterDevice:
                return "it is a device";
            default:
                return $"an entry of type '{entry.EntryType}' cannot be copied";
        }
    }

    private string? Link(string[] parts, string link)
    {
        if (Path.IsPathRooted(link) || link.Length == 0 || link.Contains('\0', StringComparison.Ordinal))
            return OutsideLink(link);
        File.CreateSymbolicLink(ClearedPath(parts), link);
        return null;
    }

    // A hard link is copied as a separate file.
    private string? Copy(string[] parts, string other)
    {
        if (Problem(other, out var otherParts) is null && At(_item, otherParts) is var from)
        {
            if (LinkOf(from) is { } link)
                return Link(parts, link);
            if (File.Exists(from))
            {
                var copy = Path.Combine(work, "copy");
                File.Copy(from, copy, overwrite: true);
                File.Move(copy, ClearedPath(parts));
                return null;
            }
        }
        return $"it is a hard link to '{other}', which is not part of the copy";
    }

    /// <summary>Returns a path with an existing parent folder and no file.</summary>
    private string ClearedPath(string[] parts)
    {
        if (parts.Length > 0)
            EnsureFolder(parts[..^1], Permissions);
        Clear(At(_item, parts));
        return At(_item, parts);
    }

    private void EnsureFolder(string[] folder, UnixFileMode mode)
    {
        for (var i = 0; i <= folder.Length; i++)
            if (At(_item, folder[..i]) is var path && !IsFolder(path))
            {
                Clear(path);
                MakeFolder(path, i == folder.Length ? mode : Permissions);
            }
    }

    /// <summary>Returns why a name is not valid, or null and the parts of its path below the requested item.</summary>
    private string? Problem(string entry, out string[] parts)
    {
        parts = [.. entry.Split('/').Where(part => part is not ("" or "."))];
        if (entry.StartsWith('/') || Path.IsPathRooted(entry))
            return "its name is absolute";
        if (parts.Contains(".."))
            return "its name points outside the requested path";
        if (name != ".")
        {
            if (parts.FirstOrDefault() != name)
                return "it was not requested";
            parts = parts[1..];
        }
        if (parts.Any(IsInvalidName))
            return "its name is not valid on this computer";
        for (var i = 0; i < parts.Length; i++)
            if (LinkOf(At(_item, parts[..i])) is not null)
                return "its parent folder is a link";
        return null;
    }
}
