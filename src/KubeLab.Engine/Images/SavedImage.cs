using System.Formats.Tar;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Images;

/// <summary>What <c>docker save</c> wrote of one image.</summary>
/// <remarks>Read in one pass from a pipe. Both layouts have a manifest.json (moby image/spec) that names the configuration and the layers in
/// order: engines before 25 as ID/layer.tar, sometimes linked to one another, later ones and the containerd store as OCI blobs/sha256/HEX.</remarks>
internal sealed class SavedImage : IDisposable
{
    private const string OciBlobs = "blobs/sha256/";
    private readonly Dictionary<string, Blob> _files = [];
    private readonly Dictionary<string, string> _links = [];

    /// <summary>The image's configuration.</summary>
    public Blob Settings { get; private set; } = null!;

    /// <summary>Its layers, the base first.</summary>
    public IReadOnlyList<Blob> Layers { get; private set; } = [];

    /// <summary>Why the archive cannot be read, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the archive.</summary>
    /// <param name="tar">The archive; read to its end, even where it turns out to be broken.</param>
    /// <param name="isThere">Whether the registry has the blob of a digest, so that it need not be kept.</param>
    /// <param name="layer">Called with each layer as it has been read; what it starts must have ended before this is disposed.</param>
    /// <param name="stop">Ends it.</param>
    public async Task ReadAsync(Stream tar, Func<string, Task<bool>> isThere, Action<Blob> layer, CancellationToken stop)
    {
        try
        {
            await using var reader = new TarReader(tar, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, stop) is { } entry)
                await AddAsync(entry, isThere, layer, stop);
            Resolve();
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or System.Text.Json.JsonException)
        {
            Problem = broken.Message;
        }
        await tar.CopyToAsync(Stream.Null, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var blob in _files.Values)
            blob.Dispose();
    }

    private async Task AddAsync(TarEntry entry, Func<string, Task<bool>> isThere, Action<Blob> layer, CancellationToken stop)
    {
        var name = Normal(entry.Name);
        if (entry.EntryType is TarEntryType.SymbolicLink)
            _links[name] = Normal($"{name}/../{entry.LinkName}");
        else if (entry.EntryType is TarEntryType.HardLink)
            _links[name] = Normal(entry.LinkName);
        else if (entry.DataStream is { } content)
        {
            var named = name.StartsWith(OciBlobs, StringComparison.Ordinal) ? Digests.Prefix + name[OciBlobs.Length..] : null;
            var blob = await Spool.ReadAsync(content, entry.Length, named, isThere, stop);
            _files[name] = blob;
            if (blob.MediaType is not null)
                layer(blob);
        }
    }

    private void Resolve()
    {
        if (Find("manifest.json") is not { Bytes.IsEmpty: false } manifest || JsonNode.Parse(manifest.Bytes.Span) is not JsonArray { Count: > 0 } images)
            throw new InvalidDataException("docker save wrote no manifest.json.");
        Settings = At((string)images[0]!["Config"]!);
        Layers = [.. images[0]![nameof(Layers)]!.AsArray().Select(path => At((string)path!))];
        if (Layers.FirstOrDefault(blob => blob.MediaType is null) is { } odd)
            throw new InvalidDataException($"docker save wrote the layer {odd.Digest} in an unknown format.");
    }

    private Blob At(string path) => Find(path) ?? throw new InvalidDataException($"docker save named {path} and did not write it.");

    private Blob? Find(string path)
    {
        path = Normal(path);
        for (var hops = 0; _links.TryGetValue(path, out var target) && hops < 8; hops++)
            path = target;
        return _files.GetValueOrDefault(path);
    }

    private static string Normal(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part != ".")
                parts.Add(part);
        }
        return string.Join('/', parts);
    }
}
