using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Gets the nodes of a cluster.</summary>
/// <remarks>Shows the same columns as kubectl get nodes. The Object property contains the complete object from the API server.</remarks>
/// <example>Get the nodes of the current context
/// <code>Get-KlNode</code></example>
/// <example>Get the nodes of a cluster that was created with KubeLab
/// <code>Get-KlCluster kubernetes | Get-KlNode</code></example>
[Cmdlet(VerbsCommon.Get, "KlNode")]
[OutputType(typeof(KlNode))]
public sealed class GetKlNode : WatchQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Node", ErrorIds.NodeNotFound, new(), Engine.Nodes.ListAsync);
}
