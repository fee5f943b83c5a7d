using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Gets the services of a cluster.</para>
/// <para type="description">Shows what kubectl get services shows, and where each is reached. The property Object holds all that the API server said.</para>
/// </summary>
/// <example>
/// <para>Of the context's namespace</para>
/// <code>Get-KlService</code>
/// </example>
/// <example>
/// <para>Where a service is reached</para>
/// <code>(Get-KlService web).Urls</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlService")]
[OutputType(typeof(KlService))]
public sealed class GetKlService : NamespacedQuery
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => List("Service", Scope, Engine.Services.ListAsync);
}
