using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>A cmdlet that finds clusters by name.</summary>
public abstract class ClusterCmdlet : KlCmdlet
{
    /// <summary>Lists the clusters with a name, or that match wildcards.</summary>
    /// <exception cref="KlException">ClusterNotFound.</exception>
    private protected static async Task<IReadOnlyList<KlCluster>> FindAsync(string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        var clusters = await Engine.Clusters.ListAsync(NameCompletion.Matching(name), events, stop);
        return clusters.Count > 0 || WildcardPattern.ContainsWildcardCharacters(name) ? clusters
            : throw new KlException(ErrorIds.ClusterNotFound, KlErrorKind.NotFound, name, $"Cluster '{name}' was not found.",
                "Run Get-KlCluster to list clusters.");
    }
}
