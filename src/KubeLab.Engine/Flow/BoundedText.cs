using System.Text;

namespace KubeLab.Engine.Flow;

/// <summary>Reads text of limited length from files and URLs.</summary>
internal static class BoundedText
{
    /// <summary>Reads a file. <paramref name="stop"/> also cancels a read from a pipe that has no writer.</summary>
    /// <exception cref="IOException">The text is longer than <paramref name="maxLength"/> bytes.</exception>
    public static async Task<string> OfFileAsync(string path, int maxLength, CancellationToken stop)
    {
        // A buffered stream cannot be closed while a read is pending.
        await using var file = await Task.Run(
            () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), stop).WaitAsync(stop);
        return await OfAsync(file, maxLength, stop);
    }

    /// <summary>Reads a file, such as a certificate or a configuration.</summary>
    /// <exception cref="IOException">The text is longer than <paramref name="maxLength"/> bytes. A device may never end.</exception>
    public static string OfFile(string path, int maxLength)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var (kept, buffer) = (new MemoryStream(), new byte[81920]);
        for (int count; (count = file.Read(buffer)) > 0; kept.Write(buffer, 0, count))
            if (kept.Length + count > maxLength)
                throw TooLong(maxLength);
        return Decode(kept);
    }

    /// <summary>Reads a stream, decoded by its byte order mark or as UTF-8.</summary>
    /// <exception cref="IOException">The text is longer than <paramref name="maxLength"/> bytes.</exception>
    public static async Task<string> OfAsync(Stream stream, int maxLength, CancellationToken stop)
    {
        var kept = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = await stream.ReadAsync(buffer, stop).AsTask().WaitAsync(stop)) > 0;)
        {
            if (kept.Length + count > maxLength)
                throw TooLong(maxLength);
            await kept.WriteAsync(buffer.AsMemory(0, count), stop);
        }
        return Decode(kept);
    }

    private static IOException TooLong(int maxLength) => new($"it is longer than {maxLength >> 20} MiB.");

    private static string Decode(MemoryStream kept)
    {
        kept.Position = 0;
        using var reader = new StreamReader(kept, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
