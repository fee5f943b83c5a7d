using System.Security.Cryptography;
using KubeLab.Engine.Flow;
using Microsoft.Win32.SafeHandles;

namespace KubeLab.Engine.Images;

/// <summary>Buffers streams on disk, because images can be larger than the memory.</summary>
internal static class Spool
{
    // Configurations and manifests stay in memory, layers are written to disk.
    private const int MemoryLimit = 64 * 1024;
    private const int Chunk = 256 * 1024;

    /// <summary>Reads a stream of known length and computes its digest. A layer that the registry already has is not read.</summary>
    /// <param name="content">The stream.</param>
    /// <param name="size">The length in bytes.</param>
    /// <param name="named">The expected digest, or null.</param>
    /// <param name="isInRegistry">Whether the registry already has a blob.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="InvalidDataException">The stream was shorter or had another digest.</exception>
    public static async Task<Blob> ReadAsync(Stream content, long size, string? named, Func<string, Task<bool>> isInRegistry, CancellationToken stop)
    {
        var buffer = new byte[Math.Min(size, Chunk)];
        var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);
        var type = Blob.MediaTypeOf(buffer.AsSpan(0, count));
        if (type is not null && named is not null && await isInRegistry(named))
            return new(named, size, type);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = size > MemoryLimit ? Open() : null;
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
                : throw new InvalidDataException($"{named ?? "A file"} is incomplete or damaged: {offset} of {size} bytes, {digest}.");
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a temporary file that is already deleted, so that it does not remain after the process ends and no other process can open it.</summary>
    private static SafeFileHandle Open()
    {
        var path = Path.Combine(Path.GetTempPath(), "kubelab-" + Path.GetRandomFileName());
        // The stream only creates the file with its mode. The handle stays open.
        var handle = AtomicFile.Open(path, FileMode.CreateNew, FileShare.Delete).SafeFileHandle;
        File.Delete(path);
        return handle;
    }
}
