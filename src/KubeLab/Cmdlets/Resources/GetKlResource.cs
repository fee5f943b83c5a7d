using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Gets objects of any kind, including custom resources.</summary>
/// <remarks>Kinds have the same names as in kubectl: Deployment, deployments, deploy or deployments.apps. Categories such as all select several kinds. The
/// Object property contains the complete object from the API server, as in $_.Object.spec.replicas; the Json property contains it as JSON. Both are hidden:
/// Get-Member shows them with -Force, and Export-Csv and ConvertTo-Json do not write them. The values of Secrets need -ShowSecret.</remarks>
/// <example>Get all fields of pods
/// <code>(Get-KlPod web* | Get-KlResource).Json</code></example>
/// <example>Use a short name, in all namespaces
/// <code>Get-KlResource cm -AllNamespaces</code></example>
/// <example>Use the syntax of kubectl
/// <code>Get-KlResource deploy/web svc/web; Get-KlResource pod, svc</code></example>
/// <example>Read a value of a Secret
/// <code>$secret = Get-KlResource secret database -ShowSecret
/// [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($secret.Object.data.password))</code></example>
/// <example>Watch jobs until Ctrl+C
/// <code>Get-KlResource jobs -Label app=import -Watch</code></example>
[Cmdlet(VerbsCommon.Get, "KlResource")]
[OutputType(typeof(KlResource))]
public sealed class GetKlResource : NamespacedLookup
{
    /// <summary>The kinds, also as one comma-separated string, or KIND/NAME. Default: the kind of a piped object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string[] Kind { get; set; } = [];

    /// <summary>Names of objects. Wildcards are permitted. After KIND/NAME, further names in the same form. Default: all objects.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>A label selector, such as app=web,tier!=db.</summary>
    [Parameter]
    [Alias("l")]
    public string[]? Label { get; set; }

    /// <summary>Includes the values of Secrets, in base64 as the API server sends them. By default, the Object and Json properties of a Secret contain the
    /// size of each value instead.</summary>
    [Parameter]
    public SwitchParameter ShowSecret { get; set; }

    /// <summary>A cluster, or the output of a Get cmdlet.</summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("For")]
    public PSObject? InputObject { get; set; }

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
        if (objects.Find(one => one.Split('/', 2) is not [{ Length: > 0 }, { Length: > 0 }]) is { } invalid)
            Fail(invalid, new KlException(ErrorIds.KindNameMissing, KlErrorKind.InvalidInput, invalid,
                $"'{invalid}' is not in the form KIND/NAME, but other arguments are.",
                "Use KIND/NAME for all objects, or specify the kind once, followed by the names."));
        else
            foreach (var of in objects.Select(one => one.Split('/', 2)).GroupBy(one => one[0], one => one[1], StringComparer.OrdinalIgnoreCase))
                Get(of.Key, [.. of], given.Cluster);
    }

    private void Get(string kind, string[] names, string? given)
    {
        var (cluster, showSecret) = (Cluster ?? given, (bool)ShowSecret);
        var scope = Scope with { Labels = HashtableText.Joined(Label) };
        Find(new Lookup<KlResource>(kind, cluster, scope, (lookupScope, stop) => Engine.Resources.ListAsync(
            cluster, new(kind, lookupScope, showSecret), stop))
        {
            Target = kind,
            Missing = name => new(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, name,
                $"{kind} '{name}' was not found{(scope.Namespace is { } ns ? $" in namespace '{ns}'" : "")}.",
                $"Run 'Get-KlResource {kind}' to list objects."),
        }, names);
    }
}
