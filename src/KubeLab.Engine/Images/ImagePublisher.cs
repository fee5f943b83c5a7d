using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Images;

/// <summary>The options for publishing an image.</summary>
public sealed record PublishOptions
{
    /// <summary>The name in the registry. Default: the name of the folder, or the last part of the image name.</summary>
    public string? Name { get; init; }

    /// <summary>A tag in addition to latest and the content tag, or null.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether no other version of the image will follow, so that the engine need not remember its layers.</summary>
    internal bool IsFinal { get; init; }
}

/// <summary>Builds images with the local docker command and pushes them to a registry. The engine does not have to reach or trust the registry.</summary>
public sealed partial class ImagePublisher : IDisposable
{
    private readonly KlRegistry _registry;
    private readonly IDocker _docker;
    private readonly RegistryClient _client;
    private readonly BlobPush _push;
    private readonly EnginePush _enginePush;

    /// <summary>Creates a publisher. Images that are published with the same publisher share their uploads.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="docker">The Docker engine.</param>
    /// <param name="hosts">Opens the machine of the registry.</param>
    /// <param name="clock">The clock.</param>
    public ImagePublisher(KlRegistry registry, IDocker docker, IHostPool hosts, TimeProvider clock)
        : this(registry, docker, new RegistryClient(registry, hosts.Open(registry.Cluster.ControlPlane.Name, registry.Cluster.ControlPlane.Ssh), clock))
    {
    }

    internal ImagePublisher(KlRegistry registry, IDocker docker, RegistryClient client) =>
        (_registry, _docker, _client, _push, _enginePush) = (registry, docker, client, new BlobPush(client), new EnginePush(registry, docker, client));

    /// <summary>Builds a folder's Dockerfile and publishes the image.</summary>
    /// <exception cref="KlException">The errors of <see cref="BuildAsync"/> and <see cref="PublishImageAsync"/>.</exception>
    public async Task<KlImage> PublishAsync(string folder, PublishOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        CheckName(options.Name ?? NameOfFolder(folder));
        // Detects registry errors before a long build.
        await _client.PingAsync(stop);
        return await PublishImageAsync(await BuildAsync(_docker, folder, options, events, stop), options, events, stop);
    }

    /// <summary>Builds a folder's Dockerfile.</summary>
    /// <returns>The name of the image in the engine. Its last part is the default name in the registry.</returns>
    /// <exception cref="KlException">DockerfileNotFound, ImageNameInvalid, ImageBuildFailed, and the errors of docker.</exception>
    public static async Task<string> BuildAsync(
        IDocker docker, string folder, PublishOptions options, IProgress<LabEvent> events, CancellationToken stop) =>
        await ImageBuild.RunAsync(docker, folder, CheckName(options.Name ?? NameOfFolder(folder)), events, stop);

    /// <summary>Returns the reference of a published image for pods, or null if the registry does not have it.</summary>
    /// <exception cref="KlException">RegistryDenied, RegistryUnreachable, RegistryUntrusted, RegistryFailed.</exception>
    internal async Task<string?> FindAsync(string name, string tag, CancellationToken stop) =>
        await _client.FindManifestAsync(name, tag, stop) is { } manifest ? $"{_registry}/{name}@{Digests.Of(manifest)}" : null;

    /// <summary>Publishes an image of the local engine.</summary>
    /// <exception cref="KlException">ImageNotFound, ImageNameInvalid, ImageSaveFailed, RegistryDenied, RegistryUnreachable, RegistryUntrusted, RegistryFailed,
    /// and the errors of docker.</exception>
    public async Task<KlImage> PublishImageAsync(string image, PublishOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = CheckName(options.Name ?? NameOf(image));
        var local = await LocalImage.InspectAsync(_docker, image, stop);
        var manifest = await _client.FindManifestAsync(name, local.ContentTag, stop);
        string? pushed = null;
        if (manifest is not null)
            events.Detail(name, $"{_registry}/{name}:{local.ContentTag} already exists");
        else if (!options.IsFinal && (manifest = await _enginePush.TryAsync(name, local, events, stop)) is not null)
            pushed = EnginePush.Tag;
        else
        {
            await using var push = new ImagePush(name, local, _push, events, stop);
            manifest = await push.RunAsync(_docker);
        }
        foreach (var tag in new[] { local.ContentTag, EnginePush.Tag, options.Tag }.OfType<string>().Distinct())
            if (await _client.PutManifestAsync(name, tag, manifest, stop) || tag == pushed)
                events.Changed(name, $"published as {_registry}/{name}:{tag}");
        var digest = Digests.Of(manifest);
        return new()
        {
            Name = name,
            Cluster = _registry.Cluster.Name,
            Reference = $"{_registry}/{name}@{digest}",
            Digest = digest,
            Size = ImageManifest.SizeOf(manifest),
            Declares = local.Declares,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _push.Dispose();
        _enginePush.Dispose();
        _client.Dispose();
    }

    private static string NameOfFolder(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToLowerInvariant();

    private static string NameOf(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0];

    private static string CheckName(string name) => Name().IsMatch(name) ? name : throw new KlException(
        ErrorIds.ImageNameInvalid, KlErrorKind.InvalidInput, name,
        $"'{name}' is not a valid image name. Use lowercase letters and digits, separated by single '.', '_' or '-' characters.",
        "Specify a name with -Name.");

    // OCI distribution-spec, "Pulling manifests": a component of a repository name.
    [GeneratedRegex("^[a-z0-9]+([._-][a-z0-9]+)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
