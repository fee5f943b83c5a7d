using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Base class of cmdlets that act on pods, or on the pods of other objects.</summary>
public abstract class PodCmdlet : NamespacedCmdlet
{
    /// <summary>The kind of the named object. Default: the kind of a piped object, otherwise Pod.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string? Kind { get; set; }

    /// <summary>NAME for a pod, KIND/NAME for other kinds.</summary>
    private protected string Qualified(string name) => Kind is null or "Pod" || name.Contains('/', StringComparison.Ordinal) ? name : $"{Kind}/{name}";
}
