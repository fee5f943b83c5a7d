using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Gets the deployments of a cluster.</para>
/// <para type="description">Shows what kubectl get deployments shows. The property Object holds all that the API server said.</para>
/// </summary>
/// <example>
/// <para>Of the context's namespace</para>
/// <code>Get-KlDeployment</code>
/// </example>
/// <example>
/// <para>Take up a pipeline that was cut yesterday</para>
/// <code>Get-KlDeployment web -Cluster kubernetes | Expose-KlService</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlDeployment")]
[OutputType(typeof(KlDeployment))]
public sealed class GetKlDeployment : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Deployment", Scope, Engine.Deployments.ListAsync);
}
