using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Images;

/// <summary>How an image is published.</summary>
public sealed record PublishOptions
{
    /// <summary>Its name in the registry, or null: the folder's, or the last part of the image's.</summary>
    public string? Name { get; init; }

    /// <summary>A tag beside latest and the one made of its content, or null.</summary>
    public string? Tag { get; init; }
}

/// <summary>Builds images with the local docker command and brings them into one registry. The engine need not know or trust that registry.</summary>
public sealed partial class ImagePublisher : IDisposable
{
    private readonly KlRegistry _registry;
    private readonly IDocker _docker;
    private readonly RegistryClient _client;
    private readonly BlobPush _push;

    /// <summary>A publisher; images published through the same one share what they upload.</summary>
    /// <param name="registry">Where to.</param>
    /// <param name="docker">Where from.</param>
    /// <param name="hosts">Reaches the registry's machine.</param>
    /// <param name="clock">Time.</param>
    public ImagePublisher(KlRegistry registry, IDocker docker, IHostPool hosts, TimeProvider clock)
        : this(registry, docker, new RegistryClient(registry, hosts.Open(registry.Cluster.ControlPlane.Name, registry.Cluster.ControlPlane.Ssh), clock))
    {
    }

    internal ImagePublisher(KlRegistry registry, IDocker docker, RegistryClient client) =>
        (_registry, _docker, _client, _push) = (registry, docker, client, new BlobPush(client));

    /// <summary>Builds a folder's Dockerfile and publishes the image.</summary>
    /// <exception cref="KlException">DockerfileNotFound, ImageNameInvalid, ImageBuildFailed, and what <see cref="PublishImageAsync"/> throws.</exception>
    public async Task<KlImage> PublishAsync(string folder, PublishOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = CheckName(options.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToLowerInvariant());
        // A registry that refuses us is known before the minutes a build can take.
        await _client.PingAsync(stop);
        return await PublishImageAsync(await ImageBuild.RunAsync(_docker, folder, name, events, stop), options with { Name = name }, events, stop);
    }

    /// <summary>Publishes an image that the local engine has.</summary>
    /// <exception cref="KlException">ImageNotFound, ImageNameInvalid, ImageSaveFailed, RegistryDenied, RegistryUnreachable, RegistryUntrusted, RegistryFailed, and what docker throws.</exception>
    public async Task<KlImage> PublishImageAsync(string image, PublishOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = CheckName(options.Name ?? NameOf(image));
        var local = await LocalImage.InspectAsync(_docker, image, stop);
        var manifest = await _client.FindManifestAsync(name, local.ContentTag, stop);
        if (manifest is null)
        {
            await using var push = new ImagePush(name, local, _push, events, stop);
            manifest = await push.RunAsync(_docker);
        }
        else
            events.Detail(name, $"{_registry}/{name}:{local.ContentTag} is there already");
        foreach (var tag in new[] { local.ContentTag, "latest", options.Tag }.OfType<string>().Distinct())
            if (await _client.PutManifestAsync(name, tag, manifest, stop))
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
        _client.Dispose();
    }

    private static string NameOf(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0];

    private static string CheckName(string name) => Name().IsMatch(name) ? name : throw new KlException(ErrorIds.ImageNameInvalid, KlErrorKind.InvalidInput, name,
        $"'{name}' cannot be the name of an image: small letters and digits, with single . _ - between them.", "Choose one with -Name.");

    // OCI distribution-spec, "Pulling manifests": one component of a repository's name.
    [GeneratedRegex("^[a-z0-9]+([._-][a-z0-9]+)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
