using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Gets the pods of a cluster.</para>
/// <para type="description">Shows what kubectl get pods shows; the status is computed the same way. The property Object holds all that the API server said.</para>
/// </summary>
/// <example>
/// <para>Of the context's namespace</para>
/// <code>Get-KlPod</code>
/// </example>
/// <example>
/// <para>Of all namespaces, those that are not running</para>
/// <code>Get-KlPod -AllNamespaces | Where-Object Status -ne Running</code>
/// </example>
/// <example>
/// <para>Of a deployment; of a node, whatever the namespace</para>
/// <code>Get-KlDeployment web | Get-KlPod; Get-KlNode kubernetes-2 | Get-KlPod</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlPod")]
[OutputType(typeof(KlPod))]
public sealed class GetKlPod : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Pod", Scope, Engine.Pods.ListAsync);
}
