using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Gets the services of a cluster.</summary>
/// <remarks>Shows the same columns as kubectl get services, and the addresses of each service. The Object property contains the complete object from the
/// API server.</remarks>
/// <example>Get the services in the context's namespace
/// <code>Get-KlService</code></example>
/// <example>Get the URLs of a service
/// <code>(Get-KlService web).Urls</code></example>
[Cmdlet(VerbsCommon.Get, "KlService")]
[OutputType(typeof(KlService))]
public sealed class GetKlService : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Service", ErrorIds.ServiceNotFound, Scope, Engine.Services.ListAsync);
}
