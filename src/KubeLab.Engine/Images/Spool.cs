using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace KubeLab.Engine.Images;

/// <summary>Bytes on their way from one stream to another, on disk: images are larger than the memory we want to take.</summary>
internal static class Spool
{
    // Configurations and manifests stay in memory, layers do not.
    private const int Small = 64 * 1024;
    private const int Chunk = 256 * 1024;

    /// <summary>Reads a stream of known length, hashing it on the way. A layer that is named by its digest and is there already is left unread.</summary>
    /// <param name="content">The stream.</param>
    /// <param name="size">Its length in bytes.</param>
    /// <param name="named">The digest it is said to have, if that is known.</param>
    /// <param name="isThere">Whether nobody needs the content of a digest.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InvalidDataException">It was shorter, or had another digest.</exception>
    public static async Task<Blob> ReadAsync(Stream content, long size, string? named, Func<string, Task<bool>> isThere, CancellationToken stop)
    {
        var buffer = new byte[Math.Min(size, Chunk)];
        var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);
        var type = Blob.MediaTypeOf(buffer.AsSpan(0, count));
        if (type is not null && named is not null && await isThere(named))
            return new(named, size, type);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = size > Small ? Open() : null;
        try
        {
            long offset = 0;
            for (; count > 0; count = await content.ReadAsync(buffer, stop))
            {
                hash.AppendData(buffer, 0, count);
                if (file is not null)
                    await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), offset, stop);
                offset += count;
                if (offset == size)
                    break;
            }
            var digest = Digests.Text(hash.GetCurrentHash());
            return offset == size && digest == (named ?? digest)
                ? new(digest, size, type) { File = file, Bytes = file is null ? buffer : default }
                : throw new InvalidDataException($"{named ?? "A file"} was cut short or damaged on the way: {offset} of {size} bytes, {digest}.");
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>A file without a name: however this process ends, nothing stays behind, and nobody else can open it.</summary>
    private static SafeFileHandle Open()
    {
        var path = Path.Combine(Path.GetTempPath(), "kubelab-" + Path.GetRandomFileName());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // The stream only makes the file with its mode; the handle outlives it.
        var handle = new FileStream(path, options).SafeFileHandle;
        File.Delete(path);
        return handle;
    }
}
