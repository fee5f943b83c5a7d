using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// docker push, which reaches a registry only through its port on this computer.
internal sealed partial class FakeDocker
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>The commands with their arguments and environment.</summary>
    public List<DockerCommand> Commands { get; } = [];

    /// <summary>The names that were added with docker tag.</summary>
    public Dictionary<string, string> Names { get; } = [];

    /// <summary>The configuration folders of docker push, with their modes.</summary>
    public List<(string Folder, string Modes)> Folders { get; } = [];

    /// <summary>Computes the ID of an image. Default: the digest of its configuration.</summary>
    public Func<byte[][], string>? IdOf { get; init; }

    /// <summary>What answers instead of the registry, because 127.0.0.1 is another computer for the engine, or null.</summary>
    public string? Elsewhere { get; set; }

    /// <summary>Whether the engine reaches the registry and does not accept its certificate.</summary>
    public bool IsStrict { get; set; }

    /// <summary>Runs before a push with the password.</summary>
    public Action? Pushing { get; set; }

    /// <summary>The error of a push with the password, or null.</summary>
    public string? PushError { get; set; }

    /// <summary>Whether another image is pushed than the one with the name.</summary>
    public bool PushesAnother { get; set; }

    /// <summary>Whether a list of manifests is pushed, as by the containerd image store.</summary>
    public bool PushesIndex { get; set; }

    /// <summary>The list of manifests for an image.</summary>
    public static byte[] Index(params byte[][] layers) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = "application/vnd.oci.image.index.v1+json",
        ["manifests"] = new JsonArray(
            Descriptor(Manifest(SavedTar.Config(layers), layers), new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" }),
            Descriptor("{}"u8.ToArray(), new JsonObject { ["os"] = "unknown", ["architecture"] = "unknown" })),
    }.ToJsonString());

    private static byte[] Manifest(byte[] config, byte[][] layers) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = DockerManifest,
        ["config"] = Descriptor(config),
        ["layers"] = new JsonArray([.. layers.Select(layer => Descriptor(layer))]),
    }.ToJsonString());

    private static JsonObject Descriptor(byte[] content, JsonNode? platform = null) =>
        new() { ["digest"] = Digests.Of(content), ["size"] = content.Length, ["platform"] = platform };

    private async Task<DockerResult> PushAsync(DockerCommand command, string reference, CancellationToken stop)
    {
        var (address, name, tag) = reference.Split('/', ':') is [var host, var port, var part, var last] ? ($"{host}:{port}", part, last)
            : throw new InvalidOperationException(reference);
        var image = _images[Names[reference]];
        var user = Login(command.Environment["DOCKER_CONFIG"]!, address);
        if (Elsewhere is not null)
            return new(1, "", Elsewhere);
        var registry = new KlRegistry { Address = address, CaCertificate = "", Credential = user, Cluster = TestCluster.Named("lab") };
        using var client = new RegistryClient(registry, Dial.TcpAsync, TimeProvider.System, "http") { Pause = TimeSpan.FromMilliseconds(1) };
        if (user.Password.Length == 0)
        {
            Assert.Equal("RegistryDenied", (await Assert.ThrowsAsync<KlException>(() => client.PingAsync(stop))).ErrorId);
            return new(1, "The push refers to repository", IsStrict ? "x509: certificate signed by unknown authority" : "no basic auth credentials");
        }
        Pushing?.Invoke();
        stop.ThrowIfCancellationRequested();
        if (PushError is not null)
            return new(1, "", PushError);
        var config = PushesAnother ? SavedTar.Config([]) : image.Config;
        foreach (var content in image.Layers.Append(config))
        {
            using var blob = new Blob(Digests.Of(content), content.Length, null) { Bytes = content };
            if (await client.HasBlobAsync(name, blob.Digest, stop))
                continue;
            await client.UploadAsync(name, blob, _ => { }, stop);
            command.Line!($"{blob.Digest[7..19]}: Pushed");
        }
        var manifest = Manifest(config, image.Layers);
        await client.PutManifestAsync(name, Digests.Of(manifest), manifest, stop);
        if (PushesIndex)
            await client.PutManifestAsync(name, Digests.Of("{}"u8), "{}"u8.ToArray(), stop);
        manifest = PushesIndex ? Index(image.Layers) : manifest;
        await client.PutManifestAsync(name, tag, manifest, stop);
        return new(0, $"{tag}: digest: {Digests.Of(manifest)} size: {manifest.Length}\n", "");
    }

    private NetworkCredential Login(string folder, string address)
    {
        var file = Path.Combine(folder, "config.json");
        var modes = OperatingSystem.IsWindows() || !File.Exists(file) ? ""
            : $"{Convert.ToString((int)File.GetUnixFileMode(folder), 8)} {Convert.ToString((int)File.GetUnixFileMode(file), 8)}";
        Folders.Add((folder, modes));
        if (!File.Exists(file))
            return new();
        var user = Encoding.UTF8.GetString(Convert.FromBase64String((string)JsonNode.Parse(File.ReadAllText(file))!["auths"]![address]!["auth"]!)).Split(':');
        return new(user[0], user[1]);
    }

    private sealed record FakeImage(string Id, string Inspect, byte[] Saved, byte[] Config, byte[][] Layers);
}
