using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Backups;

namespace KubeLab.Tests.Backups;

/// <summary>Backups of the cluster k, whose files contain their names.</summary>
internal static class TestBackup
{
    /// <summary>A snapshot as etcd saves it: the data, and its hash.</summary>
    public static byte[] Snapshot { get; } = [.. "data of etcd"u8, .. SHA256.HashData("data of etcd"u8)];

    public static BackupVolume Volume { get; } = new("default", "database-data", "k-2");

    /// <summary>Writes a backup.</summary>
    public static async Task<BackupContent> WriteAsync(string path, string? password = null, Func<BackupContent, BackupContent>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
        try
        {
            var content = new BackupContent
            {
                Format = 1, Cluster = "k", Version = "1.20.2", Created = DateTimeOffset.UnixEpoch, Endpoint = "k.kubelab.internal:6443",
                PodNetwork = "HostRoutes", PodSubnet = "10.244.0.0/16", ServiceSubnet = "10.96.0.0/16", Volumes = [Volume], VolumesNotIncluded = [],
                Files = [],
            };
            var files = new List<BackupFile>();
            foreach (var name in (string[])[.. BackupContent.Authorities, BackupContent.Snapshot, Volume.FileName])
            {
                var file = BackupArchive.PathOf(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, name == BackupContent.Snapshot ? Snapshot : Encoding.UTF8.GetBytes(name));
                files.Add(await BackupArchive.DescribeAsync(folder, name, default));
            }
            content = content with { Files = [.. files] };
            content = change?.Invoke(content) ?? content;
            await BackupArchive.WriteAsync(path, content, folder, password, default);
            return content;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A tar archive with files in order.</summary>
    public static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        using var all = new MemoryStream();
        using (var tar = new TarWriter(all, leaveOpen: true))
            foreach (var (name, content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return all.ToArray();
    }

    /// <summary>What backup.sh prints.</summary>
    public static byte[] State(byte[]? snapshot = null) =>
        Tar([(BackupContent.Snapshot, snapshot ?? Snapshot), .. BackupContent.Authorities.Select(name => (name, Encoding.UTF8.GetBytes(name)))]);

    /// <summary>The files of a tar archive.</summary>
    public static Dictionary<string, string> Files(byte[] archive)
    {
        using var tar = new TarReader(new MemoryStream(archive));
        var files = new Dictionary<string, string>();
        while (tar.GetNextEntry() is { } entry)
            files[entry.Name] = new StreamReader(entry.DataStream ?? Stream.Null).ReadToEnd();
        return files;
    }
}
