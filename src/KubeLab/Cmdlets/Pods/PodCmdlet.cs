using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>What all cmdlets take that are about pods, or about pods of other objects.</summary>
public abstract class PodCmdlet : NamespacedCmdlet
{
    /// <summary><para type="description">What it is that is named; an object that comes down the pipeline tells. Default: a pod.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string? Kind { get; set; }

    /// <summary>A name, with the kind before it where that is no pod's.</summary>
    private protected string Full(string name) => Kind is null or "Pod" || name.Contains('/', StringComparison.Ordinal) ? name : $"{Kind}/{name}";
}
