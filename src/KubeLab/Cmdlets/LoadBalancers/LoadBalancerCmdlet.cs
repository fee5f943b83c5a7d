using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.LoadBalancers;

/// <summary>A cmdlet for existing load balancers.</summary>
public abstract class LoadBalancerCmdlet : KlCmdlet
{
    /// <summary>The namespace of the services. Default: all namespaces.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The name of a KubeLab cluster. Wildcards are permitted. Default: all clusters.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string Cluster { get; set; } = "*";

    /// <summary>Finds the load balancers whose names match. A name without wildcards that is not found is an error.</summary>
    private protected async Task<IEnumerable<KlLoadBalancer>> FindAsync(
        string[] names, string? ns, string cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = (await Engine.ServiceBalancers.ListAsync(NameCompletion.Matching(cluster), events, stop))
            .Where(one => ns is null || one.Namespace == ns).ToList();
        foreach (var name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && all.TrueForAll(one => one.Name != name)))
            Fail(name, new KlException(ErrorIds.LoadBalancerNotFound, KlErrorKind.NotFound, name, $"No load balancer for the service '{name}' was found.",
                "Run Get-KlLoadBalancer to list load balancers."));
        return all.Where(one => names.Any(name => NameCompletion.Matching(name)(one.Name)));
    }
}
