using System.Management.Automation;
using KubeLab.Engine.Images;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Images;

/// <summary>Builds images with the docker command and pushes them to the registry of a cluster.</summary>
/// <remarks>Builds the Dockerfile in each folder and names the image after the folder. Uploads only layers that the registry does not have, through an
/// SSH connection to the control plane: your Docker engine does not need to reach or trust the registry. An engine on this computer
/// pushes to a port on 127.0.0.1 that is open during the push, and compresses only layers that it has not pushed before. With any other engine, and for the
/// first images of a registry, which need not wait for compression, the image is exported in whole. The builds start
/// at once, also if the registry is still being created by the pipeline. Writes each image as soon as it is published.</remarks>
/// <example>Build and publish two images in parallel
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web</code></example>
/// <example>Publish an existing image
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Image debian:12 -Name base</code></example>
[Cmdlet(VerbsData.Publish, "KlImage", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(KlImage))]
public sealed class PublishKlImage : KlCmdlet
{
    private readonly Dictionary<string, ImagePublisher> _publishers = [];
    private readonly Dictionary<string, Task<string>> _builds = [];
    private readonly CancellationTokenSource _noRegistry = new();
    private List<string> _folders = [];
    private bool _hasRegistry;

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

    private PublishOptions Options => new() { Name = Name, Tag = Tag };

    /// <summary>Starts the builds, which need no registry, while the earlier stages of the pipeline create it.</summary>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _folders = [.. Path.SelectMany(Folders)];
        if (!MyInvocation.ExpectingInput || IsDecidedLater())
            return;
        foreach (var folder in _folders)
        {
            var (options, built) = (Options, new TaskCompletionSource<string>());
            _builds[folder] = built.Task;
            Start(folder, async (events, stop) =>
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _noRegistry.Token);
                var build = ImagePublisher.BuildAsync(Engine.Docker, folder, options, events, either.Token);
                await ((Task)build).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // An error is reported for the registries to which the image cannot be published.
                built.SetFromTask(build);
            });
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = Options;
        foreach (var registry in Registry)
        {
            _hasRegistry = true;
            foreach (var folder in _folders)
                if (ShouldProcess(folder, $"Build and publish to {registry}"))
                    Start(folder, async (events, stop) =>
                    {
                        var image = _builds.TryGetValue(folder, out var build) ? await build.WaitAsync(stop) : null;
                        var publisher = PublisherFor(registry);
                        return await (image is null ? publisher.PublishAsync(folder, options, events, stop)
                            : publisher.PublishImageAsync(image, options, events, stop));
                    });
            foreach (var image in Image)
                if (ShouldProcess(image, $"Publish to {registry}"))
                    Start(image, (events, stop) => PublisherFor(registry).PublishImageAsync(image, options, events, stop));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!_hasRegistry)
            _noRegistry.Cancel();
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _noRegistry.Dispose();
        foreach (var publisher in _publishers.Values)
            publisher.Dispose();
        _publishers.Clear();
    }

    // -WhatIf and -Confirm decide when the registry is known.
    private bool IsDecidedLater()
    {
        object? Value(string parameter, string variable) => MyInvocation.BoundParameters.TryGetValue(parameter, out var given) ? given
            : SessionState.PSVariable.GetValue(variable);
        return LanguagePrimitives.IsTrue(Value("WhatIf", "WhatIfPreference"))
            || Value("Confirm", "ConfirmPreference") is SwitchParameter { IsPresent: true } or ConfirmImpact.Low or ConfirmImpact.Medium or "Low" or "Medium";
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
