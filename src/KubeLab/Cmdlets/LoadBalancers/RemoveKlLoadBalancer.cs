using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.LoadBalancers;

/// <summary>Removes load balancers of services.</summary>
/// <remarks>The services are kept. The machine NAME-lb is kept too; remove it with Remove-KlVm if nothing else uses it.</remarks>
/// <example>Remove the load balancer of a service
/// <code>Get-KlLoadBalancer web | Remove-KlLoadBalancer</code></example>
[Cmdlet(VerbsCommon.Remove, "KlLoadBalancer", SupportsShouldProcess = true)]
public sealed class RemoveKlLoadBalancer : LoadBalancerCmdlet
{
    /// <summary>Names of services. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (names, ns, cluster) = (Name, Namespace, Cluster);
        Start(string.Join(", ", names), async (events, stop) =>
        {
            foreach (var balancer in await FindAsync(names, ns, cluster, events, stop))
                if (await AskAsync(() => ShouldProcess($"{balancer.Namespace}/{balancer.Name}", "Remove the load balancer"), stop))
                    await Engine.ServiceBalancers.RemoveAsync(balancer, events, stop);
        });
    }
}
