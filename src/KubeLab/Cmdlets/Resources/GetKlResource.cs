using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Gets objects of any kind, custom ones too.</para>
/// <para type="description">Kinds are named as kubectl takes them: Deployment, deployments, deploy, deployments.apps; all and other categories are several at once. The property Object holds all that the
/// API server said, as in $_.Object.spec.replicas; the property Json is the same as text.</para>
/// </summary>
/// <example>
/// <para>With every field</para>
/// <code>(Get-KlPod web* | Get-KlResource).Json</code>
/// </example>
/// <example>
/// <para>By a short name, in all namespaces</para>
/// <code>Get-KlResource cm -AllNamespaces</code>
/// </example>
/// <example>
/// <para>As kubectl takes them</para>
/// <code>Get-KlResource deploy/web svc/web; Get-KlResource pod, svc</code>
/// </example>
/// <example>
/// <para>Watch jobs until Ctrl+C</para>
/// <code>Get-KlResource jobs -Label app=import -Watch</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlResource")]
[OutputType(typeof(KlResource))]
public sealed class GetKlResource : LookupCmdlet
{
    /// <summary><para type="description">The kinds, also as one text with commas, or KIND/NAME; that of an object from the pipeline, where it is that which is got again.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string[] Kind { get; set; } = [];

    /// <summary><para type="description">Names, with wildcards; after KIND/NAME others of that form. Default: all.</para></summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary><para type="description">The namespace. Default: the context's. Kinds that live in none are found all the same.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">All namespaces.</para></summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary><para type="description">A label selector, as in app=web,tier!=db.</para></summary>
    [Parameter]
    [Alias("l")]
    public string[]? Label { get; set; }

    /// <summary><para type="description">A field selector, as in status.phase=Running.</para></summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary><para type="description">Goes on with every change, until it is stopped; the property Change tells which.</para></summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    /// <summary><para type="description">A cluster, or an object that a Get cmdlet found.</para></summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("For")]
    public PSObject? InputObject { get; set; }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the object's, otherwise the current context.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var given = PipelineInput.Of(InputObject);
        var kinds = Kind.SelectMany(kind => kind.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (!kinds.Exists(kind => kind.Contains('/', StringComparison.Ordinal)))
        {
            foreach (var kind in kinds)
                Get(kind, given.IsA(kind) && kinds.Count == 1 ? [given.Name!] : Name, given.Cluster);
            return;
        }
        var objects = kinds.Concat(Name.Where(name => name != "*")).ToList();
        if (objects.Find(one => one.Split('/', 2) is not [{ Length: > 0 }, { Length: > 0 }]) is { } odd)
            Fail(odd, new KlException(ErrorIds.KindNameMissing, KlErrorKind.InvalidInput, odd, $"'{odd}' is not KIND/NAME, and others are.", "Write KIND/NAME each time, or the kind once and the names after it."));
        else
            foreach (var of in objects.Select(one => one.Split('/', 2)).GroupBy(one => one[0], one => one[1], StringComparer.OrdinalIgnoreCase))
                Get(of.Key, [.. of], given.Cluster);
    }

    private void Get(string kind, string[] names, string? given)
    {
        var cluster = Cluster ?? given;
        var scope = new KubeScope(AllNamespaces ? null : Namespace, AllNamespaces, HashtableText.Joined(Label), Fields: HashtableText.Joined(Field), Watch: Watch);
        Look(new Lookup<KlResource>(kind, cluster, scope, (these, stop) => Engine.Resources.ListAsync(cluster, new(kind, these), stop))
        {
            Target = kind,
            Missing = name => new(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, name,
                $"There is no {kind} {name}{(scope.Namespace is { } ns ? $" in the namespace {ns}" : "")}.", $"Get-KlResource {kind} lists those there are."),
        }, names);
    }
}
