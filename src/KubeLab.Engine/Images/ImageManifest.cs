using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Images;

/// <summary>Manifests and configurations (OCI image-spec manifest.md, config.md).</summary>
internal static class ImageManifest
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";

    /// <summary>The manifest of an image; the same image gives the same bytes.</summary>
    public static byte[] Of(SavedImage image) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaType,
        ["config"] = Descriptor(image.Settings, ConfigType),
        ["layers"] = new JsonArray([.. image.Layers.Select(layer => Descriptor(layer, layer.MediaType!))]),
    });

    /// <summary>Bytes of all layers.</summary>
    public static long SizeOf(byte[] manifest) => JsonNode.Parse(manifest)!["layers"]!.AsArray().Sum(layer => (long)layer!["size"]!);

    private static JsonObject Descriptor(Blob blob, string type) => new() { ["mediaType"] = type, ["digest"] = blob.Digest, ["size"] = blob.Size };
}
