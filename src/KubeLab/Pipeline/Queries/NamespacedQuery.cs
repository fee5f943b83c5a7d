using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>What cmdlets that get objects of a namespace take.</summary>
public abstract class NamespacedQuery : WatchQuery
{
    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">All namespaces.</para></summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>Where to look.</summary>
    private protected KubeScope Scope => new(AllNamespaces ? null : Namespace, AllNamespaces);
}
