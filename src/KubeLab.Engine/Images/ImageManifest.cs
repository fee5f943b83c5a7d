using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Images;

/// <summary>Image manifests and configurations (OCI image-spec manifest.md, config.md).</summary>
internal static class ImageManifest
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";

    /// <summary>Creates the manifest of an image. The same image always results in the same bytes.</summary>
    public static byte[] Of(SavedImage image) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaType,
        ["config"] = Descriptor(image.Settings, ConfigType),
        ["layers"] = new JsonArray([.. image.Layers.Select(layer => Descriptor(layer, layer.MediaType!))]),
    });

    /// <summary>The size of all layers in bytes.</summary>
    public static long SizeOf(byte[] manifest) => JsonNode.Parse(manifest)!["layers"]!.AsArray().Sum(layer => (long)layer!["size"]!);

    private static JsonObject Descriptor(Blob blob, string type) => new() { ["mediaType"] = type, ["digest"] = blob.Digest, ["size"] = blob.Size };
}
