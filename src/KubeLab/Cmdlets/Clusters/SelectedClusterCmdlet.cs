using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>A cmdlet for clusters that are named or come from the pipeline.</summary>
public abstract class SelectedClusterCmdlet : ClusterCmdlet
{
    /// <summary>Names of clusters. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The clusters.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Cluster")]
    public KlCluster[] Cluster { get; set; } = [];
}
