using Microsoft.Win32.SafeHandles;

namespace KubeLab.Engine.Images;

/// <summary>A layer or configuration of an image: on disk, in memory, or known only by its digest because the registry has it.</summary>
/// <param name="Digest">The digest: sha256:HEX.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="MediaType">The media type of a layer, or null for other blobs.</param>
internal sealed record Blob(string Digest, long Size, string? MediaType) : IDisposable
{
    private const string Layer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>The content, if it is small.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The content, if it is large.</summary>
    public SafeFileHandle? File { get; init; }

    /// <summary>Whether the content is available.</summary>
    public bool HasContent => File is not null || !Bytes.IsEmpty;

    /// <summary>Reads a part of the content. Returns 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken stop)
    {
        if (File is not null)
            return await RandomAccess.ReadAsync(File, buffer, offset, stop);
        var part = Bytes[(int)offset..];
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer);
        return part.Length;
    }

    /// <summary>Detects the media type of a layer from its first bytes (gzip RFC 1952, zstd RFC 8878, "ustar" in POSIX tar). Null if unknown.</summary>
    public static string? MediaTypeOf(ReadOnlySpan<byte> head) => head switch
    {
        [0x1f, 0x8b, ..] => Layer + "+gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Layer + "+zstd",
        _ when head.Length >= 512 && (head[257..].StartsWith("ustar"u8) || !head[..512].ContainsAnyExcept((byte)0)) => Layer,
        _ => null,
    };

    /// <inheritdoc/>
    public void Dispose() => File?.Dispose();
}
