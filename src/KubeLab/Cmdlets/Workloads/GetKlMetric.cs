using System.Management.Automation;
using KubeLab.Engine.Workloads;

namespace KubeLab.Cmdlets.Workloads;

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
public sealed class GetKlMetric : NamespacedQuery
{
    /// <summary><para type="description">Node or Pod. Default: Node.</para></summary>
    [Parameter]
    [ValidateSet("Node", "Pod")]
    public string Kind { get; set; } = "Node";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Kind == "Pod")
            List("Pod", Scope, Metrics.PodsAsync);
        else
            List("Node", new(), Metrics.NodesAsync);
    }
}
