using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that get objects of a cluster.</summary>
public abstract class KubeQuery : LookupCmdlet
{
    /// <summary>Names of objects. Wildcards are permitted. Default: all objects.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>A label selector, such as app=web,tier!=db.</summary>
    [Parameter]
    [Alias("l")]
    public string[]? Label { get; set; }

    /// <summary>A cluster, or an object to get again: the output of a Get cmdlet. For a node, or an object that has pods, such as a deployment or a
    /// service, Get-KlPod gets its pods; KIND/NAME is also permitted.</summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public PSObject? For { get; set; }

    /// <summary>A field selector, or null.</summary>
    private protected virtual string? Fields => null;

    /// <summary>Whether to watch for changes.</summary>
    private protected virtual bool IsWatch => false;

    /// <summary>Writes the objects of a kind as they arrive. A name without wildcards that is not found is an error.</summary>
    /// <param name="kind">The noun of the cmdlet.</param>
    /// <param name="notFoundId">The ErrorId if a name is not found.</param>
    /// <param name="scope">The scope of the query.</param>
    /// <param name="list">Lists the objects.</param>
    /// <param name="objectKind">The kind of the objects in the cluster. Default: the noun.</param>
    private protected void List<T>(
        string kind, string notFoundId, KubeScope scope, Func<string?, KubeScope, CancellationToken, IAsyncEnumerable<T>> list, string? objectKind = null)
        where T : notnull
    {
        objectKind ??= kind;
        var (given, isWatch) = (PipelineInput.Of(For), IsWatch);
        var (cluster, names) = (Cluster ?? given.Cluster, given.IsA(objectKind) ? [given.Name!] : Name);
        try
        {
            names = [.. names.Select(name => KindName.Of(kind, name))];
        }
        catch (KlException error)
        {
            Fail(kind, error);
            return;
        }
        var of = given.Name is null || given.IsA(objectKind) ? null : given.ToString();
        if (of is not null && kind != "Pod")
        {
            Fail(of, new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, of, $"'{of}' is not a {kind.ToLowerInvariant()}.",
                $"Pipe a cluster or a {kind.ToLowerInvariant()}."));
            return;
        }
        scope = scope with { Labels = HashtableText.Joined(Label), Fields = Fields, Watch = isWatch, Of = of };
        Find(new Lookup<T>(kind, cluster, scope, (lookupScope, stop) => list(cluster, lookupScope, stop))
        {
            // Names of the kinds that have their own cmdlet are lowercase.
            IsLowerCase = true,
            IsUnique = !scope.AllNamespaces && of is null,
            Missing = name => new(notFoundId, KlErrorKind.NotFound, name, $"{kind} '{name}' was not found{InNamespace(scope)}.",
                $"Run Get-Kl{kind} to list {kind.ToLowerInvariant()}s."),
        }, names);
    }

    private static string InNamespace(KubeScope scope) => scope.Namespace is { } ns ? $" in namespace '{ns}'" : "";
}
