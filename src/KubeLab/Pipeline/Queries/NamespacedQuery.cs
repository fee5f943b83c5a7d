using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that get namespaced objects.</summary>
public abstract class NamespacedQuery : WatchQuery
{
    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Gets objects in all namespaces.</summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>The scope of the query.</summary>
    private protected KubeScope Scope => new(AllNamespaces ? null : Namespace, AllNamespaces);
}
