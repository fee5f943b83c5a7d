using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>
/// <para type="synopsis">Gets the nodes of a cluster.</para>
/// <para type="description">Shows what kubectl get nodes shows. The property Object holds all that the API server said.</para>
/// </summary>
/// <example>
/// <para>Of the current context</para>
/// <code>Get-KlNode</code>
/// </example>
/// <example>
/// <para>Of a cluster made with KubeLab</para>
/// <code>Get-KlCluster kubernetes | Get-KlNode</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlNode")]
[OutputType(typeof(KlNode))]
public sealed class GetKlNode : WatchQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Node", new(), Engine.Nodes.ListAsync);
}
