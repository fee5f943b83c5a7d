using System.Formats.Tar;

namespace KubeLab.Engine.Remote.Files;

internal static partial class FileCopy
{
    /// <summary>Packs a file or folder. A link is packed as a link.</summary>
    /// <param name="archive">The destination. It can be a pipe.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="end">The name of the last entry, an empty file.</param>
    /// <param name="skipped">Receives a message for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    internal static async Task PackAsync(Stream archive, string path, string end, Action<string> skipped, CancellationToken stop)
    {
        // busybox supports long names in the GNU format.
        await using var tar = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true);
        if (!await PackItemAsync(tar, path, Path.GetFileName(path), skipped, stop))
            throw new IOException("there is nothing that can be copied");
        await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, end), stop);
    }

    private static async Task<bool> PackItemAsync(TarWriter tar, string path, string name, Action<string> skipped, CancellationToken stop)
    {
        if (FileArchive.IsFolder(path))
        {
            await tar.WriteEntryAsync(path, name, stop);
            foreach (var entry in Directory.EnumerateFileSystemEntries(path))
                await PackItemAsync(tar, entry, $"{name}/{Path.GetFileName(entry)}", skipped, stop);
        }
        else if (FileArchive.LinkOf(path) is not null || !await IsSpecialAsync(path, stop))
            await tar.WriteEntryAsync(path, name, stop);
        else
        {
            skipped($"'{name}' was skipped: it is a device, a FIFO (named pipe) or a socket.");
            return false;
        }
        return true;
    }

    // Only tar can tell a special file from an empty one. A special file has no length.
    private static async Task<bool> IsSpecialAsync(string path, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path).Length > 0)
            return false;
        using var probe = new MemoryStream();
        try
        {
            await using (var tar = new TarWriter(probe, TarEntryFormat.Gnu, leaveOpen: true))
                await tar.WriteEntryAsync(path, "probe", stop);
        }
        catch (IOException) when (File.Exists(path))
        {
            return true;
        }
        probe.Position = 0;
        await using var written = new TarReader(probe);
        return await written.GetNextEntryAsync(cancellationToken: stop) is { EntryType: not TarEntryType.RegularFile };
    }
}
