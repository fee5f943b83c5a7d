using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that get objects of several kinds.</summary>
public abstract class NamespacedLookup : LookupCmdlet
{
    /// <summary>The namespace. It is ignored for objects that are not namespaced. Default: the namespace of a piped object, otherwise the context's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Gets objects in all namespaces.</summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>A field selector, such as status.phase=Running or reason=BackOff.</summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary>Waits for changes until you press Ctrl+C. The Change property contains the kind of change.</summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    /// <summary>The scope of the query.</summary>
    private protected KubeScope Scope => new(AllNamespaces ? null : Namespace, AllNamespaces, Fields: HashtableText.Joined(Field), Watch: Watch);
}
