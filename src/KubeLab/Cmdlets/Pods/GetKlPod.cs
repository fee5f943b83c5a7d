using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Gets the pods of a cluster.</summary>
/// <remarks>Shows the same columns and status as kubectl get pods. The Object property contains the complete object from the API server.</remarks>
/// <example>Get the pods in the context's namespace
/// <code>Get-KlPod</code></example>
/// <example>Get pods in all namespaces that are not running
/// <code>Get-KlPod -AllNamespaces | Where-Object Status -ne Running</code></example>
/// <example>Get the pods of a deployment, and the pods on a node
/// <code>Get-KlDeployment web | Get-KlPod; Get-KlNode kubernetes-2 | Get-KlPod</code></example>
[Cmdlet(VerbsCommon.Get, "KlPod")]
[OutputType(typeof(KlPod))]
public sealed class GetKlPod : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Pod", ErrorIds.PodNotFound, Scope, Engine.Pods.ListAsync);
}
