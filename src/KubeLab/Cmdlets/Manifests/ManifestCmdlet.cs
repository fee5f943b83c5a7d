using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Manifests;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>Base class of cmdlets that process manifests. It collects all input first, because objects must be ordered.</summary>
public abstract class ManifestCmdlet : KlCmdlet
{
    private readonly List<string> _paths = [];
    private readonly List<string> _lines = [];
    private readonly List<ManifestSource> _objects = [];

    /// <summary>Files, folders or URLs. Wildcards are permitted in file names.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    [Alias("f")]
    public string[] Path { get; set; } = [];

    /// <summary>The text of a manifest, as lines or as one string; files; or the output of Get-KlResource.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Input")]
    [AllowEmptyString]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Includes subfolders.</summary>
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter Recurse { get; set; }

    /// <summary>The namespace of objects that do not specify one. Default: the context's namespace.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The maximum number of objects that are processed in parallel. Default: 16.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>The options from the parameters.</summary>
    private protected virtual ManifestOptions Options => new() { Cluster = Cluster, Namespace = Namespace, Limit = ThrottleLimit };

    /// <summary>The input, for messages.</summary>
    private protected string InputNames => string.Join(", ",
        [.. _paths.Select(WebText.DisplayName), .. _objects.Select(one => one.Name),
            .. _lines.Count > 0 ? ["the piped manifest"] : Array.Empty<string>()]);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                _paths.AddRange(Path.SelectMany(ResolvePaths));
                break;
            case FileSystemInfo file:
                _paths.Add(file.FullName);
                break;
            case KlResource one:
                _objects.Add(ManifestSource.Of(one));
                break;
            default:
                _lines.Add(InputObject.ToString());
                break;
        }
    }

    /// <summary>Starts work on the collected input.</summary>
    private protected void Start(Func<IReadOnlyList<ManifestSource>, IProgress<LabEvent>, CancellationToken, Task> work)
    {
        var recurse = (bool)Recurse;
        if (_paths.Count + _lines.Count + _objects.Count > 0)
            Start("manifest", async (events, stop) =>
            {
                var sources = new List<ManifestSource>(_objects);
                if (_lines.Count > 0)
                    sources.Add(new("the piped manifest", string.Join('\n', _lines)));
                foreach (var place in _paths)
                    try
                    {
                        sources.AddRange(await Engine.ManifestReader.ReadAsync(place, recurse, stop));
                    }
                    catch (KlException error)
                    {
                        Fail(place, error);
                    }
                await work(sources, events, stop);
            });
    }

    /// <summary>Writes the differences.</summary>
    private protected void Compare() => Start(async (sources, _, stop) =>
    {
        await foreach (var outcome in Engine.Manifests.CompareAsync(sources, Options, stop))
        {
            if (outcome.Error is { } error)
                Fail(outcome.Item, error);
            foreach (var change in outcome.Result ?? [])
                Write(change);
        }
    });

    private IEnumerable<string> ResolvePaths(string path)
    {
        if (WebText.IsUrl(path))
            return [path];
        try
        {
            return GetResolvedProviderPathFromPSPath(path, out _);
        }
        catch (SessionStateException error)
        {
            Fail(path, new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, path, $"'{path}' was not found.", "Specify a file, a folder or a URL.",
                error));
            return [];
        }
    }
}
