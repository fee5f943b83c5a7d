using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Gets the deployments of a cluster.</summary>
/// <remarks>Shows the same columns as kubectl get deployments. The Object property contains the complete object from the API server.</remarks>
/// <example>Get the deployments in the context's namespace
/// <code>Get-KlDeployment</code></example>
/// <example>Continue a pipeline from an earlier session
/// <code>Get-KlDeployment web -Cluster kubernetes | Expose-KlService</code></example>
[Cmdlet(VerbsCommon.Get, "KlDeployment")]
[OutputType(typeof(KlDeployment))]
public sealed class GetKlDeployment : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Deployment", ErrorIds.DeploymentNotFound, Scope, Engine.Deployments.ListAsync);
}
