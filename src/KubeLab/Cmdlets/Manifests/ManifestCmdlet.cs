using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Manifests;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>What all cmdlets that take manifests take. They are gathered first, for the set decides the order.</summary>
public abstract class ManifestCmdlet : KlCmdlet
{
    private readonly List<string> _places = [];
    private readonly List<string> _lines = [];
    private readonly List<ManifestSource> _objects = [];

    /// <summary><para type="description">Files with wildcards, folders, or URLs.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    [Alias("f")]
    public string[] Path { get; set; } = [];

    /// <summary><para type="description">A manifest's text, line by line or whole; files; or objects that Get-KlResource found.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Input")]
    [AllowEmptyString]
    public PSObject InputObject { get; set; } = null!;

    /// <summary><para type="description">The folders in a folder too.</para></summary>
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter Recurse { get; set; }

    /// <summary><para type="description">The namespace of what names none. Default: the context's.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">How many objects at a time.</para></summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>What the parameters say.</summary>
    private protected virtual ManifestOptions Options => new() { Cluster = Cluster, Namespace = Namespace, Limit = ThrottleLimit };

    /// <summary>What is worked on, in words.</summary>
    private protected string Shown => string.Join(", ", [.. _places.Select(ManifestSource.Shown), .. _objects.Select(one => one.Name), .. _lines.Count > 0 ? ["the piped text"] : Array.Empty<string>()]);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                _places.AddRange(Path.SelectMany(Places));
                break;
            case FileSystemInfo file:
                _places.Add(file.FullName);
                break;
            case KlResource one:
                _objects.Add(new($"{one.Kind}/{one.Name}", one.Json));
                break;
            default:
                _lines.Add(InputObject.ToString());
                break;
        }
    }

    /// <summary>Works on all that was gathered.</summary>
    private protected void Start(Func<IReadOnlyList<ManifestSource>, IProgress<LabEvent>, CancellationToken, Task> work)
    {
        var recurse = (bool)Recurse;
        if (_places.Count + _lines.Count + _objects.Count > 0)
            Start("manifest", async (events, stop) =>
            {
                var sources = new List<ManifestSource>(_objects);
                if (_lines.Count > 0)
                    sources.Add(new("the piped text", string.Join('\n', _lines)));
                foreach (var place in _places)
                    try
                    {
                        sources.AddRange(await ManifestSource.ReadAsync(place, recurse, stop));
                    }
                    catch (KlException error)
                    {
                        Fail(place, error);
                    }
                await work(sources, events, stop);
            });
    }

    /// <summary>Writes what would change.</summary>
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

    private IEnumerable<string> Places(string path)
    {
        if (ManifestSource.IsUrl(path))
            return [path];
        try
        {
            return GetResolvedProviderPathFromPSPath(path, out _);
        }
        catch (SessionStateException error)
        {
            Fail(path, new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, path, $"There is no {path}.", "Name a file, a folder or a URL.", error));
            return [];
        }
    }
}
