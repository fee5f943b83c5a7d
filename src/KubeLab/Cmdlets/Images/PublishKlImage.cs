using System.Management.Automation;
using KubeLab.Engine.Images;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Images;

/// <summary>Builds images with the docker command and pushes them to the registry of a cluster.</summary>
/// <remarks>Builds the Dockerfile in each folder and names the image after the folder. Uploads only layers that the registry does not have, through an
/// SSH connection to the control plane: your Docker engine does not need to reach or trust the registry. Writes each image as soon as it is
/// published.</remarks>
/// <example>Build and publish two images in parallel
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web</code></example>
/// <example>Publish an existing image
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Image debian:12 -Name base</code></example>
[Cmdlet(VerbsData.Publish, "KlImage", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(KlImage))]
public sealed class PublishKlImage : KlCmdlet
{
    private readonly Dictionary<string, ImagePublisher> _publishers = [];

    /// <summary>Folders that contain a Dockerfile. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Images of the local Docker engine.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Image")]
    public string[] Image { get; set; } = [];

    /// <summary>The registries to publish to.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public KlRegistry[] Registry { get; set; } = [];

    /// <summary>The name of the image in the registry. Default: the name of the folder.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>An additional tag. Every image is also tagged with latest and with a tag that identifies its content.</summary>
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
                    Start(folder, (events, stop) => PublisherFor(registry).PublishAsync(folder, options, events, stop));
            foreach (var image in Image)
                if (ShouldProcess(image, $"Publish to {registry}"))
                    Start(image, (events, stop) => PublisherFor(registry).PublishImageAsync(image, options, events, stop));
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

    // Images for the same registry share their uploads.
    private ImagePublisher PublisherFor(KlRegistry registry)
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
            return provider.Name == "FileSystem" && found.Count > 0 ? found : throw FolderNotFound(path, null);
        }
        catch (SessionStateException error)
        {
            Fail(path, FolderNotFound(path, error));
        }
        catch (KlException error)
        {
            Fail(path, error);
        }
        return [];
    }

    private static KlException FolderNotFound(string path, Exception? inner) =>
        new(ErrorIds.DockerfileNotFound, KlErrorKind.NotFound, path, $"Folder '{path}' was not found.", "Specify a folder that contains a Dockerfile.", inner);
}
