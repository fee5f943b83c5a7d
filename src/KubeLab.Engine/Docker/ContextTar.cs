using System.Formats.Tar;

namespace KubeLab.Engine.Docker;

/// <summary>Archives of small files for docker.</summary>
internal static class ContextTar
{
    /// <summary>Writes an archive to the input of a docker command.</summary>
    /// <remarks>docker distinguishes a context from a Dockerfile by the first 512 bytes, which a pax header would fill.</remarks>
    public static TarWriter Open(Stream output) => new(output, TarEntryFormat.Ustar, leaveOpen: true);

    /// <summary>Adds a file, which only its owner may write.</summary>
    public static async Task AddAsync(this TarWriter tar, string name, byte[] content, bool isPublic, CancellationToken stop)
    {
        await using var stream = new MemoryStream(content);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = stream,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (isPublic ? UnixFileMode.GroupRead | UnixFileMode.OtherRead : UnixFileMode.None),
            // The content decides whether the layers of a build are cached.
            ModificationTime = DateTimeOffset.UnixEpoch,
        }, stop);
    }
}
