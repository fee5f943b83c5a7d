using System.Formats.Tar;

namespace KubeLab.Engine.Pods;

/// <summary>What a container's tar sends. It is not trusted: whatever it holds, nothing outside of the target is written, moved or removed.</summary>
/// <remarks>It is unpacked in a folder of its own, where nothing is written to a path that passes a link. Then it is joined with what is at the target
/// already, whose links are not followed either. A link of the archive is kept only where it leads, on the disk, to a place inside the target.</remarks>
/// <param name="work">An empty folder that only this user can enter.</param>
/// <param name="name">What was asked for; "." is the content of a folder.</param>
/// <param name="target">What it is called here.</param>
/// <param name="skipped">Told what is left out, and why.</param>
internal sealed partial class PodArchive(string work, string name, string target, Action<string> skipped)
{
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int Told = 20;
    private static readonly HashSet<string> Reserved = new(["CON", "PRN", "AUX", "NUL"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> Numbered = new(["COM", "LPT"], StringComparer.OrdinalIgnoreCase);
    private readonly string _item = Path.Combine(work, "item");
    private int _skipped;

    /// <summary>Where a link leads to, by its own words; null where a path is not a link.</summary>
    public static string? LinkOf(string path) => new FileInfo(path).LinkTarget;

    /// <summary>Whether a path is a folder, and not a link to one.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path) && LinkOf(path) is null;

    /// <summary>Makes a folder, whose owner can always enter it.</summary>
    public static void MakeFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, (mode & Permissions) | Owner);
    }

    /// <summary>Unpacks it.</summary>
    /// <exception cref="InvalidDataException">It is not an archive.</exception>
    public async Task UnpackAsync(Stream archive, CancellationToken stop)
    {
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
                if (entry.EntryType != TarEntryType.GlobalExtendedAttributes && await UnpackAsync(entry, stop) is { } problem)
                    Skip(entry.Name, problem);
            // tar fills its last block.
            await archive.CopyToAsync(Stream.Null, stop);
        }
        catch (Exception error) when (error is not (KlException or OperationCanceledException or IOException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"the archive cannot be read: {error.Message}", error);
        }
    }

    private static string At(string root, IEnumerable<string> parts) => Path.Combine([root, .. parts]);

    private static string Outward(string link) => $"it is a link to '{link}', outside of the copy";

    private static void Clear(string path)
    {
        if (IsFolder(path))
            Directory.Delete(path, recursive: true);
        else if (OperatingSystem.IsWindows() && Directory.Exists(path))
            Directory.Delete(path);
        else
            File.Delete(path);
    }

    // U+FFFD stands for what was not UTF-8: two names would become one.
    private static bool IsNoName(string part) => part.IndexOfAny(['\0', '\uFFFD']) >= 0
        || OperatingSystem.IsWindows() && (part.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || part[^1] is '.' or ' '
            || Path.GetFileNameWithoutExtension(part).TrimEnd() is var stem && (Reserved.Contains(stem)
                || stem.Length == 4 && char.IsDigit(stem[3]) && Numbered.Contains(stem[..3])));

    private void Skip(string what, string why)
    {
        if (++_skipped <= Told)
            skipped($"'{what}' was skipped: {why}.");
    }

    /// <summary>Unpacks one entry, or says why not. The last entry of a name counts, as with tar.</summary>
    private async Task<string?> UnpackAsync(TarEntry entry, CancellationToken stop)
    {
        if (Problem(entry.Name, out var parts) is { } problem)
            return problem;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Enter(parts, entry.Mode);
                return null;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
                    return "it is a sparse file in a form that cannot be read";
                entry.Mode = (entry.Mode & Permissions) | UnixFileMode.UserRead;
                await entry.ExtractToFileAsync(Cleared(parts), overwrite: false, stop);
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
            return Outward(link);
        File.CreateSymbolicLink(Cleared(parts), link);
        return null;
    }

    // Two names of one file become two files.
    private string? Copy(string[] parts, string other)
    {
        if (Problem(other, out var there) is null && At(_item, there) is var from)
        {
            if (LinkOf(from) is { } link)
                return Link(parts, link);
            if (File.Exists(from))
            {
                var copy = Path.Combine(work, "copy");
                File.Copy(from, copy, overwrite: true);
                File.Move(copy, Cleared(parts));
                return null;
            }
        }
        return $"it is a hard link to '{other}', which is not part of the copy";
    }

    /// <summary>A path in a folder, with nothing at it.</summary>
    private string Cleared(string[] parts)
    {
        if (parts.Length > 0)
            Enter(parts[..^1], Permissions);
        Clear(At(_item, parts));
        return At(_item, parts);
    }

    private void Enter(string[] folder, UnixFileMode mode)
    {
        for (var i = 0; i <= folder.Length; i++)
            if (At(_item, folder[..i]) is var path && !IsFolder(path))
            {
                Clear(path);
                MakeFolder(path, i == folder.Length ? mode : Permissions);
            }
    }

    /// <summary>What is wrong with a name, or null and its parts below what was asked for.</summary>
    private string? Problem(string entry, out string[] parts)
    {
        parts = [.. entry.Split('/').Where(part => part is not ("" or "."))];
        if (entry.StartsWith('/') || Path.IsPathRooted(entry))
            return "its name is absolute";
        if (parts.Contains(".."))
            return "its name leads out of what was asked for";
        if (name != ".")
        {
            if (parts.FirstOrDefault() != name)
                return "it was not asked for";
            parts = parts[1..];
        }
        if (parts.Any(IsNoName))
            return "this computer cannot have a file of that name";
        for (var i = 0; i < parts.Length; i++)
            if (LinkOf(At(_item, parts[..i])) is not null)
                return "its folder is a link";
        return null;
    }
}
