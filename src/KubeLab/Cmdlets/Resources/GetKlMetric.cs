using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Gets what nodes or pods use of processors and memory.</para>
/// <para type="description">Shows what kubectl top shows. It needs metrics-server in the cluster.</para>
/// </summary>
/// <example>
/// <para>Nodes</para>
/// <code>Get-KlMetric</code>
/// </example>
/// <example>
/// <para>The pods that use most memory</para>
/// <code>Get-KlMetric -Kind Pod -AllNamespaces | Sort-Object Memory -Descending | Select-Object -First 5</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlMetric")]
[OutputType(typeof(KlMetric))]
public sealed class GetKlMetric : KubeQuery
{
    /// <summary><para type="description">Node or Pod. Default: what an object from the pipeline is about, otherwise Node.</para></summary>
    [Parameter]
    [ValidateSet("Node", "Pod")]
    public string Kind { get; set; } = "Node";

    /// <summary><para type="description">The pods' namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">Pods of all namespaces.</para></summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Kind == "Pod" || PipelineInput.Of(For).Kind is not null and not "Node")
            List("Pod", new(AllNamespaces ? null : Namespace, AllNamespaces), Engine.Metrics.PodsAsync);
        else
            List("Node", new(), Engine.Metrics.NodesAsync);
    }
}
