using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Gets the CPU and memory usage of nodes or pods.</summary>
/// <remarks>Shows the same columns as kubectl top. The cluster must run metrics-server.</remarks>
/// <example>Get the usage of nodes
/// <code>Get-KlMetric</code></example>
/// <example>Get the pods that use the most memory
/// <code>Get-KlMetric -Kind Pod -AllNamespaces | Sort-Object Memory -Descending | Select-Object -First 5</code></example>
[Cmdlet(VerbsCommon.Get, "KlMetric")]
[OutputType(typeof(KlMetric))]
public sealed class GetKlMetric : KubeQuery
{
    /// <summary>Node or Pod. Default: the kind of a piped object, otherwise Node.</summary>
    [Parameter]
    [ValidateSet("Node", "Pod")]
    public string Kind { get; set; } = "Node";

    /// <summary>The namespace of the pods. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Gets the usage of pods in all namespaces.</summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Kind == "Pod" || PipelineInput.Of(For).Kind is not null and not "Node")
            List("Pod", ErrorIds.PodNotFound, new(AllNamespaces ? null : Namespace, AllNamespaces), Engine.Metrics.PodsAsync);
        else
            List("Node", ErrorIds.NodeNotFound, new(), Engine.Metrics.NodesAsync);
    }
}
