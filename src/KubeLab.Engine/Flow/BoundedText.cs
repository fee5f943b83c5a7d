using System.Text;

namespace KubeLab.Engine.Flow;

/// <summary>Text of files and URLs that others name, which may have no end.</summary>
internal static class BoundedText
{
    /// <summary>A file's text. A pipe that nobody writes to keeps nobody waiting who gives up.</summary>
    /// <exception cref="IOException">It is longer than <paramref name="most"/> bytes.</exception>
    public static async Task<string> OfFileAsync(string path, int most, CancellationToken stop)
    {
        // A stream with a buffer would not close before a read that has begun ends.
        await using var file = await Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), stop).WaitAsync(stop);
        return await OfAsync(file, most, stop);
    }

    /// <summary>A stream's text, decoded by its byte order mark, or as UTF-8.</summary>
    /// <exception cref="IOException">It is longer than <paramref name="most"/> bytes.</exception>
    public static async Task<string> OfAsync(Stream stream, int most, CancellationToken stop)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = await stream.ReadAsync(buffer, stop).AsTask().WaitAsync(stop)) > 0;)
        {
            if (kept.Length + count > most)
                throw new IOException($"it is longer than {most >> 20} MiB.");
            await kept.WriteAsync(buffer.AsMemory(0, count), stop);
        }
        kept.Position = 0;
        using var reader = new StreamReader(kept, Encoding.UTF8);
        return await reader.ReadToEndAsync(stop);
    }
}
