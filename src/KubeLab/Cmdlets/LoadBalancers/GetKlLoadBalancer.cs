using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.LoadBalancers;

/// <summary>Gets the load balancers of services, with the state of each node.</summary>
/// <example>Show which nodes get connections
/// <code>(Get-KlLoadBalancer web).Servers</code></example>
[Cmdlet(VerbsCommon.Get, "KlLoadBalancer")]
[OutputType(typeof(KlLoadBalancer))]
public sealed class GetKlLoadBalancer : LoadBalancerCmdlet
{
    /// <summary>Names of services. Wildcards are permitted. Default: all services that have a load balancer.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (names, ns, cluster) = (Name, Namespace, Cluster);
        Start(string.Join(", ", names), async (events, stop) => Write(await FindAsync(names, ns, cluster, events, stop)));
    }
}
