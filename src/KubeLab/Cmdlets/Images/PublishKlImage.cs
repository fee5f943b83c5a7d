using System.Management.Automation;
using KubeLab.Engine.Images;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Images;

/// <summary>
/// <para type="synopsis">Builds images with your docker command and brings them into a cluster's registry.</para>
/// <para type="description">Each folder's Dockerfile is built and the image named after the folder. Only layers that the registry lacks are uploaded, through
/// the control plane's SSH; your Docker engine need neither reach nor trust the registry. Each image comes out as soon as it is there.</para>
/// </summary>
/// <example>
/// <para>Build and publish two images at once</para>
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web</code>
/// </example>
/// <example>
/// <para>Publish an image that your engine has already</para>
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Image debian:12 -Name base</code>
/// </example>
[Cmdlet(VerbsData.Publish, "KlImage", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(KlImage))]
public sealed class PublishKlImage : KlCmdlet
{
    private readonly Dictionary<string, ImagePublisher> _publishers = [];

    /// <summary><para type="description">Folders that hold a Dockerfile, with wildcards.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary><para type="description">Images of the local engine, instead of folders.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Image")]
    public string[] Image { get; set; } = [];

    /// <summary><para type="description">The registries to publish to.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public KlRegistry[] Registry { get; set; } = [];

    /// <summary><para type="description">The image's name in the registry. Default: the folder's name.</para></summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary><para type="description">A tag beside latest and the one that stands for the image's content.</para></summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")]
    public string? Tag { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = new PublishOptions { Name = Name, Tag = Tag };
        foreach (var registry in Registry)
        {
            foreach (var folder in Path.SelectMany(Folders))
                if (ShouldProcess(folder, $"Build and publish to {registry}"))
                    Start(folder, (events, stop) => To(registry).PublishAsync(folder, options, events, stop));
            foreach (var image in Image)
                if (ShouldProcess(image, $"Publish to {registry}"))
                    Start(image, (events, stop) => To(registry).PublishImageAsync(image, options, events, stop));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var publisher in _publishers.Values)
            publisher.Dispose();
        _publishers.Clear();
    }

    // Images that go to one registry share their uploads.
    private ImagePublisher To(KlRegistry registry)
    {
        lock (_publishers)
            return _publishers.TryGetValue(registry.Address, out var publisher) ? publisher
                : _publishers[registry.Address] = new(registry, Engine.Docker, Engine.Hosts, Engine.Clock);
    }

    private IEnumerable<string> Folders(string path)
    {
        try
        {
            var found = GetResolvedProviderPathFromPSPath(path, out var provider);
            return provider.Name == "FileSystem" && found.Count > 0 ? found : throw NoFolder(path, null);
        }
        catch (SessionStateException error)
        {
            Fail(path, NoFolder(path, error));
        }
        catch (KlException error)
        {
            Fail(path, error);
        }
        return [];
    }

    private static KlException NoFolder(string path, Exception? inner) =>
        new(ErrorIds.DockerfileNotFound, KlErrorKind.NotFound, path, $"There is no folder {path}.", "Name a folder that holds a Dockerfile.", inner);
}
