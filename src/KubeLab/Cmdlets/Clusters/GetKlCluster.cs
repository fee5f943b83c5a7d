using System.Management.Automation;
using KubeLab.Engine.Kube.Config;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Gets the clusters that were created with KubeLab.</summary>
/// <remarks>Clusters are found in your kubeconfig and at the providers of their machines, in any session. A warning and the Problems property report
/// nodes that are not Ready, services that are not running, and kubeadm objects that were deleted. Initialize-KlCluster and Join-KlNode repair these.
/// They also report certificates of kubeadm that expire within 30 days, which Update-KlCertificate renews.
/// With -Context, gets all contexts of your kubeconfig.</remarks>
/// <example>Get all clusters
/// <code>Get-KlCluster</code></example>
/// <example>Show the problems of a cluster
/// <code>(Get-KlCluster kubernetes).Problems</code></example>
/// <example>Continue a pipeline from an earlier session
/// <code>Get-KlCluster kubernetes | Join-KlNode | New-KlRegistry</code></example>
[Cmdlet(VerbsCommon.Get, "KlCluster")]
[OutputType(typeof(KlCluster), typeof(KlContext))]
public sealed class GetKlCluster : ClusterCmdlet
{
    /// <summary>Names of clusters. Wildcards are permitted. Default: all clusters.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cluster")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Gets all contexts of your kubeconfig instead, including those of other tools.</summary>
    [Parameter]
    public SwitchParameter Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var contexts = (bool)Context;
        foreach (var name in Name)
            Start(name, async (events, stop) =>
            {
                if (contexts)
                {
                    Write((await Kubeconfig.ContextsAsync(stop)).Where(context => NameCompletion.Matching(name)(context.Name)));
                    return;
                }
                Write(await Engine.Clusters.ExamineAsync(await FindAsync(name, events, stop), events, stop));
            });
    }
}
