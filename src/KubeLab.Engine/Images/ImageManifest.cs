using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Images;

/// <summary>Image manifests and configurations (OCI image-spec manifest.md, config.md).</summary>
internal static class ImageManifest
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>The types of manifests of one platform: of OCI and of the classic image store of Docker.</summary>
    public static readonly string[] Types = [MediaType, "application/vnd.docker.distribution.manifest.v2+json"];

    /// <summary>The types of lists of manifests, one for each platform.</summary>
    public static readonly string[] IndexTypes =
        ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

    private const string ConfigType = "application/vnd.oci.image.config.v1+json";

    /// <summary>Creates the manifest of an image. The same image always results in the same bytes.</summary>
    public static byte[] Of(SavedImage image) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaType,
        ["config"] = Descriptor(image.Settings, ConfigType),
        ["layers"] = new JsonArray([.. image.Layers.Select(layer => Descriptor(layer, layer.MediaType!))]),
    });

    /// <summary>The media type of a manifest.</summary>
    public static string TypeOf(byte[] manifest) => (string?)JsonNode.Parse(manifest)!["mediaType"] ?? MediaType;

    /// <summary>The digest of the configuration, or null for a list of manifests.</summary>
    public static string? ConfigOf(byte[] manifest) => (string?)JsonNode.Parse(manifest)!["config"]?["digest"];

    /// <summary>The digest of the only manifest for a platform (os/architecture/variant) in a list, or null.</summary>
    public static string? FindPlatform(byte[] index, string platform)
    {
        var found = JsonNode.Parse(index)!["manifests"]?.AsArray().Select(one => one!)
            .Where(one => one["platform"] is { } of && $"{of["os"]}/{of["architecture"]}/{of["variant"]}" == platform).ToList();
        return found is [var single] ? (string?)single["digest"] : null;
    }

    /// <summary>The size of all layers in bytes.</summary>
    public static long SizeOf(byte[] manifest) => JsonNode.Parse(manifest)!["layers"]!.AsArray().Sum(layer => (long)layer!["size"]!);

    private static JsonObject Descriptor(Blob blob, string type) => new() { ["mediaType"] = type, ["digest"] = blob.Digest, ["size"] = blob.Size };
}
