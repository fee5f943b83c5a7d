using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

/// <summary>Creates small images in the formats of docker save.</summary>
internal static class SavedTar
{
    /// <summary>A layer of one file with random content, which cannot be compressed.</summary>
    public static byte[] Layer(string file, int size)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(size)) });
        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(content);
        return bytes.ToArray();
    }

    public static byte[] Config(params byte[][] layers) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["config"] = new JsonObject { ["ExposedPorts"] = new JsonObject { ["80/tcp"] = new JsonObject() } },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(layer => (JsonNode)Digests.Of(layer))]) },
    }.ToJsonString());

    /// <summary>The layout of engines before 25: ID/layer.tar. A repeated layer is a link.</summary>
    public static byte[] Legacy(byte[] config, params byte[][] layers)
    {
        var (entries, paths) = (new List<TarEntry>(), new List<string>());
        for (var i = 0; i < layers.Length; i++)
        {
            paths.Add($"{i}/layer.tar");
            entries.Add(new UstarTarEntry(TarEntryType.Directory, $"{i}/"));
            entries.Add(File($"{i}/VERSION", "1.0"u8.ToArray()));
            var same = Array.IndexOf(layers, layers[i]);
            entries.Add(same == i ? File($"{i}/layer.tar", layers[i])
                : new UstarTarEntry(TarEntryType.SymbolicLink, $"{i}/layer.tar") { LinkName = $"../{same}/layer.tar" });
        }
        return Tar([File("config.json", config), .. entries, Manifest("config.json", paths)]);
    }

    /// <summary>The OCI layout with manifest.json near the end, as in engines since 25.</summary>
    public static byte[] Oci(byte[] config, params byte[][] layers)
    {
        static string Path(byte[] blob) => "blobs/sha256/" + Digests.Of(blob)["sha256:".Length..];
        return Tar([.. layers.Append(config).Select(blob => File(Path(blob), blob)), File("index.json", "{}"u8.ToArray()),
            Manifest(Path(config), layers.Select(Path)), File("oci-layout", "{}"u8.ToArray())]);
    }

    public static byte[] Tar(params IEnumerable<TarEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        return bytes.ToArray();
    }

    public static TarEntry File(string name, byte[] content) => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    private static TarEntry Manifest(string config, IEnumerable<string> layers) => File("manifest.json", Encoding.UTF8.GetBytes(new JsonArray(new JsonObject
    {
        ["Config"] = config,
        ["RepoTags"] = null,
        ["Layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer)]),
    }).ToJsonString()));
}
