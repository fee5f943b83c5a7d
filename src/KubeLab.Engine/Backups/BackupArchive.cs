using System.Buffers;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Backups;

/// <summary>The file of a backup: a tar archive that is compressed with gzip and can be encrypted.</summary>
internal static class BackupArchive
{
    private const int MaxContentSize = 16 << 20;
    private const int BufferSize = 1 << 17;
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Computes size and hash of a file in a folder.</summary>
    public static async Task<BackupFile> DescribeAsync(string folder, string name, CancellationToken stop)
    {
        await using var file = File.OpenRead(PathOf(folder, name));
        return new(name, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop)));
    }

    /// <summary>The path of a file of the archive in a folder.</summary>
    public static string PathOf(string folder, string name) => Path.Combine([folder, .. name.Split('/')]);

    /// <summary>Writes an archive with mode 0600.</summary>
    /// <param name="path">The path of the new file.</param>
    /// <param name="content">What it contains.</param>
    /// <param name="folder">The folder with the files.</param>
    /// <param name="password">The password, or null.</param>
    /// <param name="stop">Cancels the operation.</param>
    public static async Task WriteAsync(string path, BackupContent content, string folder, string? password, CancellationToken stop)
    {
        await using var file = AtomicFile.Open(path, FileMode.CreateNew);
        await using (var outer = password is null ? null : EncryptedFile.Encrypt(file, password))
        await using (var zip = new GZipStream(outer ?? file, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zip, TarEntryFormat.Pax))
        {
            var description = JsonSerializer.SerializeToUtf8Bytes(content, Json);
            await tar.WriteEntryAsync(Entry(BackupContent.FileName, new MemoryStream(description), content.Created), stop);
            foreach (var one in content.Files)
            {
                await using var data = File.OpenRead(PathOf(folder, one.Name));
                await tar.WriteEntryAsync(Entry(one.Name, data, content.Created), stop);
            }
            await tar.WriteEntryAsync(Entry(BackupContent.HashFileName, new MemoryStream(HashLine(description)), content.Created), stop);
        }
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    // The format of sha256sum --check.
    private static byte[] HashLine(byte[] description) =>
        Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(description))}  {BackupContent.FileName}\n");

    private static PaxTarEntry Entry(string name, Stream data, DateTimeOffset time) => new(TarEntryType.RegularFile, name)
    {
        DataStream = data, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, ModificationTime = time,
    };

    /// <summary>Unpacks an archive into a folder and checks the hashes of all files.</summary>
    /// <exception cref="KlException">BackupUnreadable, BackupPasswordMissing, BackupPasswordWrong, BackupDamaged.</exception>
    public static async Task<BackupContent> ReadAsync(string path, string folder, string? password, CancellationToken stop)
    {
        await using var file = Open(path);
        try
        {
            var header = new byte[8];
            var isEncrypted = await file.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, stop) == header.Length
                && EncryptedFile.IsEncrypted(header);
            file.Position = 0;
            if (isEncrypted && password is null)
                throw new KlException(ErrorIds.BackupPasswordMissing, KlErrorKind.InvalidInput, path, $"The backup {path} is encrypted.",
                    "Specify its password with -Password.");
            await using var outer = isEncrypted ? EncryptedFile.Decrypt(file, password!) : file;
            if (isEncrypted)
                await CheckPasswordAsync(path, password!, stop);
            await using var zip = new GZipStream(outer, CompressionMode.Decompress);
            await using var tar = new TarReader(zip);
            var content = await UnpackAsync(path, tar, folder, stop);
            if (await tar.GetNextEntryAsync(cancellationToken: stop) is not null)
                throw Damaged(path, "it contains other files");
            // Reads the checksum at the end.
            await zip.CopyToAsync(Stream.Null, stop);
            return content;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or CryptographicException or JsonException or FormatException)
        {
            throw Damaged(path, error.Message, error);
        }
        catch (IOException error)
        {
            throw new KlException(ErrorIds.BackupUnreadable, KlErrorKind.Failed, path, $"The backup {path} could not be unpacked: {IoError.Describe(error)}",
                inner: error);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.BackupUnreadable, KlErrorKind.NotFound, path, $"The backup {path} could not be read: {IoError.Describe(error)}",
                "Specify the file that was returned when the backup was created.", error);
        }
    }

    // With another password, the first bytes are not those of gzip (RFC 1952, 2.3.1).
    private static async Task CheckPasswordAsync(string path, string password, CancellationToken stop)
    {
        await using var file = Open(path);
        await using var content = EncryptedFile.Decrypt(file, password);
        var magic = new byte[3];
        try
        {
            await content.ReadExactlyAsync(magic, stop);
        }
        catch (CryptographicException)
        {
            // A file of a single block.
        }
        if (magic is not [0x1f, 0x8b, 8])
            throw new KlException(ErrorIds.BackupPasswordWrong, KlErrorKind.Denied, path, $"The backup {path} cannot be decrypted with this password.",
                "Specify the password with which the backup was created.");
    }

    private static async Task<BackupContent> UnpackAsync(string path, TarReader tar, string folder, CancellationToken stop)
    {
        var (content, hash) = await DescriptionAsync(path, tar, stop);
        foreach (var expected in content.Files)
        {
            var entry = await tar.GetNextEntryAsync(cancellationToken: stop);
            if (entry?.Name != expected.Name || entry.EntryType != TarEntryType.RegularFile || entry.Length != expected.Size)
                throw Damaged(path, $"{expected.Name} is missing or has another size");
            var target = PathOf(folder, expected.Name);
            AtomicFile.CreateFolder(Path.GetDirectoryName(target)!);
            await using var file = AtomicFile.Open(target, FileMode.CreateNew);
            if (await CopyAsync(entry.DataStream, file, stop) != expected.Sha256)
                throw Damaged(path, $"{expected.Name} has another hash");
        }
        if (await tar.GetNextEntryAsync(cancellationToken: stop) is not { Name: BackupContent.HashFileName, DataStream: { } last } end
            || end.Length != hash.Length || !(await BytesAsync(last, hash.Length, stop)).AsSpan().SequenceEqual(hash))
            throw Damaged(path, $"{BackupContent.FileName} has another hash");
        return content;
    }

    // The description, and the last file of the archive.
    private static async Task<(BackupContent Content, byte[] Hash)> DescriptionAsync(string path, TarReader tar, CancellationToken stop)
    {
        if (await tar.GetNextEntryAsync(cancellationToken: stop) is not
            { Name: BackupContent.FileName, EntryType: TarEntryType.RegularFile, Length: <= MaxContentSize and var length, DataStream: { } data })
            throw Damaged(path, $"it does not begin with {BackupContent.FileName}");
        var bytes = await BytesAsync(data, length, stop);
        return JsonSerializer.Deserialize<BackupContent>(bytes, Json) switch
        {
            { Format: > BackupContent.CurrentFormat } => throw Damaged(path, "a newer version of KubeLab created it"),
            { IsValid: true } content => (content, HashLine(bytes)),
            _ => throw Damaged(path, $"{BackupContent.FileName} is not valid"),
        };
    }

    private static async Task<byte[]> BytesAsync(Stream data, long length, CancellationToken stop)
    {
        var bytes = new byte[length];
        await data.ReadExactlyAsync(bytes, stop);
        return bytes;
    }

    // Returns the hash.
    private static async Task<string> CopyAsync(Stream? from, Stream to, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int count; from is not null && (count = await from.ReadAsync(buffer, stop)) > 0;)
            {
                hash.AppendData(buffer, 0, count);
                await to.WriteAsync(buffer.AsMemory(0, count), stop);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static KlException Damaged(string path, string reason, Exception? inner = null) => new(
        ErrorIds.BackupDamaged, KlErrorKind.InvalidData, path, $"{path} is not a complete backup: {reason.TrimEnd('.')}.", "Use another backup.", inner);
}
