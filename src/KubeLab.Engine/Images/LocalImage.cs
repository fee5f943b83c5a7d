using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;

namespace KubeLab.Engine.Images;

/// <summary>An image of the local engine, as <c>docker image inspect</c> has it.</summary>
/// <param name="Id">The engine's identifier.</param>
/// <param name="ContentTag">A tag made of what the image is. Not of its Id: with build attestations that is another one at each build.</param>
/// <param name="Size">About the bytes of its layers.</param>
/// <param name="DiffIds">Digests of its uncompressed layers.</param>
/// <param name="Declares">What its Dockerfile declares.</param>
internal sealed record LocalImage(string Id, string ContentTag, long Size, IReadOnlyList<string> DiffIds, ImageDeclaration Declares)
{
    /// <summary>Reads an image of the engine.</summary>
    /// <exception cref="KlException">ImageNotFound, and what docker throws.</exception>
    public static async Task<LocalImage> InspectAsync(IDocker docker, string image, CancellationToken stop)
    {
        var json = await docker.FindAsync(image, new("image", "inspect", image), stop)
            ?? throw new KlException(ErrorIds.ImageNotFound, KlErrorKind.NotFound, image, $"The Docker engine has no image '{image}'.", $"Build it, or run 'docker pull {image}'.");
        return Parse(json);
    }

    internal static LocalImage Parse(string inspected)
    {
        var image = JsonNode.Parse(inspected)![0]!;
        var layers = image["RootFS"]?["Layers"]?.AsArray().Select(layer => (string)layer!).ToList() ?? [];
        var identity = string.Join('\n', [.. layers, image["Config"]?.ToJsonString() ?? "", $"{image["Os"]}/{image["Architecture"]}/{image["Variant"]}"]);
        return new((string)image[nameof(Id)]!, Digests.Of(Encoding.UTF8.GetBytes(identity))[Digests.Prefix.Length..][..12],
            (long?)image[nameof(Size)] ?? 0, layers, Declared(image["Config"]));
    }

    private static ImageDeclaration Declared(JsonNode? config) => new()
    {
        // "80/tcp" or "80"; a Service of ours speaks TCP.
        Ports = [.. Keys(config?["ExposedPorts"]).Select(port => port.Split('/')).Where(port => port is [_] or [_, "tcp"])
            .Select(port => int.Parse(port[0], CultureInfo.InvariantCulture)).Order()],
        Volumes = [.. Keys(config?["Volumes"]).Order(StringComparer.Ordinal)],
        Labels = config?["Labels"].Deserialize<Dictionary<string, string>>() ?? [],
    };

    private static IEnumerable<string> Keys(JsonNode? map) => map?.AsObject().Select(entry => entry.Key) ?? [];
}
