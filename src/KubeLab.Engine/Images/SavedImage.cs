using System.Formats.Tar;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Images;

/// <summary>An image as written by <c>docker save</c>.</summary>
/// <remarks>It is read in one pass from a pipe. In both layouts, manifest.json (moby image/spec) lists the configuration and the layers in
/// order: ID/layer.tar, possibly as links, in engines before 25; OCI blobs/sha256/HEX in later engines and the containerd store.</remarks>
internal sealed class SavedImage : IDisposable
{
    private const string OciBlobs = "blobs/sha256/";
    private readonly Dictionary<string, Blob> _files = [];
    private readonly Dictionary<string, string> _links = [];

    /// <summary>The image's configuration.</summary>
    public Blob Settings { get; private set; } = null!;

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<Blob> Layers { get; private set; } = [];

    /// <summary>Why the archive could not be read, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the archive.</summary>
    /// <param name="tar">The archive. It is read to its end even if it is not valid.</param>
    /// <param name="isInRegistry">Whether the registry already has a blob. Its content is then not kept.</param>
    /// <param name="layer">Receives each layer after it was read. Work on it must end before this object is disposed.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task ReadAsync(Stream tar, Func<string, Task<bool>> isInRegistry, Action<Blob> layer, CancellationToken stop)
    {
        try
        {
            await using var reader = new TarReader(tar, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, stop) is { } entry)
                await AddAsync(entry, isInRegistry, layer, stop);
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

    private async Task AddAsync(TarEntry entry, Func<string, Task<bool>> isInRegistry, Action<Blob> layer, CancellationToken stop)
    {
        var name = Normalize(entry.Name);
        if (entry.EntryType is TarEntryType.SymbolicLink)
            _links[name] = Normalize($"{name}/../{entry.LinkName}");
        else if (entry.EntryType is TarEntryType.HardLink)
            _links[name] = Normalize(entry.LinkName);
        else if (entry.DataStream is { } content)
        {
            var named = name.StartsWith(OciBlobs, StringComparison.Ordinal) ? Digests.Prefix + name[OciBlobs.Length..] : null;
            var blob = await Spool.ReadAsync(content, entry.Length, named, isInRegistry, stop);
            _files[name] = blob;
            if (blob.MediaType is not null)
                layer(blob);
        }
    }

    private void Resolve()
    {
        if (Find("manifest.json") is not { Bytes.IsEmpty: false } manifest || JsonNode.Parse(manifest.Bytes.Span) is not JsonArray { Count: > 0 } images)
            throw new InvalidDataException("The output of docker save contains no manifest.json.");
        Settings = Get((string)images[0]!["Config"]!);
        Layers = [.. images[0]![nameof(Layers)]!.AsArray().Select(path => Get((string)path!))];
        if (Layers.FirstOrDefault(blob => blob.MediaType is null) is { } unknown)
            throw new InvalidDataException($"The format of layer {unknown.Digest} is not supported.");
    }

    private Blob Get(string path) => Find(path) ?? throw new InvalidDataException($"The output of docker save does not contain {path}.");

    private Blob? Find(string path)
    {
        path = Normalize(path);
        for (var hops = 0; _links.TryGetValue(path, out var target) && hops < 8; hops++)
            path = target;
        return _files.GetValueOrDefault(path);
    }

    private static string Normalize(string path)
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
