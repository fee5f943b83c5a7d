using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;

namespace KubeLab.Engine.Images;

/// <summary>An image of the local engine, from <c>docker image inspect</c>.</summary>
/// <param name="Id">The image ID.</param>
/// <param name="ContentTag">A tag derived from the content. The ID is not used, because with build attestations it changes with each build.</param>
/// <param name="Size">The approximate size of the layers in bytes.</param>
/// <param name="DiffIds">The digests of the uncompressed layers.</param>
/// <param name="Declares">The declarations of the Dockerfile.</param>
internal sealed record LocalImage(string Id, string ContentTag, long Size, IReadOnlyList<string> DiffIds, ImageDeclaration Declares)
{
    /// <summary>The platform: os/architecture/variant.</summary>
    public required string Platform { get; init; }

    /// <summary>The names with tags or digests.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Inspects an image of the engine.</summary>
    /// <exception cref="KlException">ImageNotFound, and the errors of docker.</exception>
    public static async Task<LocalImage> InspectAsync(IDocker docker, string image, CancellationToken stop)
    {
        var json = await docker.FindAsync(image, new("image", "inspect", image), stop)
            ?? throw new KlException(
                ErrorIds.ImageNotFound, KlErrorKind.NotFound, image, $"The Docker engine has no image '{image}'.", $"Build it, or run 'docker pull {image}'.");
        return Parse(json);
    }

    internal static LocalImage Parse(string inspected)
    {
        var image = JsonNode.Parse(inspected)![0]!;
        var layers = Texts(image["RootFS"]?["Layers"]).ToList();
        var platform = $"{image["Os"]}/{image["Architecture"]}/{image["Variant"]}";
        var identity = string.Join('\n', [.. layers, image["Config"]?.ToJsonString() ?? "", platform]);
        return new((string)image[nameof(Id)]!, Digests.Of(Encoding.UTF8.GetBytes(identity))[Digests.Prefix.Length..][..12],
            (long?)image[nameof(Size)] ?? 0, layers, Declared(image["Config"]))
        {
            Platform = platform,
            References = [.. Texts(image["RepoTags"]), .. Texts(image["RepoDigests"])],
        };
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(text => (string)text!) ?? [];

    private static ImageDeclaration Declared(JsonNode? config) => new()
    {
        // "80/tcp" or "80". Only TCP ports are exposed.
        Ports = [.. Keys(config?["ExposedPorts"]).Select(port => port.Split('/')).Where(port => port is [_] or [_, "tcp"])
            .Select(port => int.Parse(port[0], CultureInfo.InvariantCulture)).Order()],
        Volumes = [.. Keys(config?["Volumes"]).Order(StringComparer.Ordinal)],
        Labels = config?["Labels"].Deserialize<Dictionary<string, string>>() ?? [],
    };

    private static IEnumerable<string> Keys(JsonNode? map) => map?.AsObject().Select(entry => entry.Key) ?? [];
}
