using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>What all cmdlets that get objects of a cluster take.</summary>
public abstract class KubeQuery : LookupCmdlet
{
    /// <summary><para type="description">Names, with wildcards. Default: all.</para></summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary><para type="description">A label selector, as in app=web,tier!=db.</para></summary>
    [Parameter]
    [Alias("l")]
    public string[]? Label { get; set; }

    /// <summary><para type="description">What is asked about: a cluster, or an object that a Get cmdlet found, which is got again. Of a deployment, a service, a
    /// node or whatever else has pods, KIND/NAME too, Get-KlPod gets the pods.</para></summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public PSObject? For { get; set; }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the object's, otherwise the current context.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <summary>A field selector, or null.</summary>
    private protected virtual string? Fields => null;

    /// <summary>Whether every change follows.</summary>
    private protected virtual bool IsWatch => false;

    /// <summary>Writes the objects of a kind as they come; a name without wildcards that is not there is an error.</summary>
    private protected void List<T>(string kind, KubeScope scope, Func<string?, KubeScope, CancellationToken, IAsyncEnumerable<T>> list) where T : notnull
    {
        var (given, isWatch) = (PipelineInput.Of(For), IsWatch);
        var (cluster, names) = (Cluster ?? given.Cluster, given.IsA(kind) ? [given.Name!] : Name);
        try
        {
            names = [.. names.Select(name => KindName.Of(kind, name))];
        }
        catch (KlException error)
        {
            Fail(kind, error);
            return;
        }
        var of = given.Name is null || given.IsA(kind) ? null : given.ToString();
        if (of is not null && kind != "Pod")
        {
            Fail(of, new KlException(ErrorIds.InputUnknown, KlErrorKind.InvalidInput, of, $"{of} is no {kind.ToLowerInvariant()}.", $"Pipe a cluster or a {kind.ToLowerInvariant()} to it."));
            return;
        }
        scope = scope with { Labels = HashtableText.Joined(Label), Fields = Fields, Watch = isWatch, Of = of };
        Look(new Lookup<T>(kind, cluster, scope, (these, stop) => list(cluster, these, stop))
        {
            // What has a cmdlet of its own has no capitals in its name.
            IsLowerCase = true,
            IsUnique = !scope.AllNamespaces && of is null,
            Missing = name => new($"{kind}NotFound", KlErrorKind.NotFound, name, $"There is no {kind.ToLowerInvariant()} {name}{Where(scope)}.", $"Get-Kl{kind} lists those there are."),
        }, names);
    }

    private static string Where(KubeScope scope) => scope.Namespace is { } ns ? $" in the namespace {ns}" : "";
}
