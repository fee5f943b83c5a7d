using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Images;

/// <summary>Gets the image registries of clusters.</summary>
/// <remarks>Registries are found in the clusters themselves, in any session.</remarks>
/// <example>Publish an image in a later session
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path ./shop</code></example>
[Cmdlet(VerbsCommon.Get, "KlRegistry")]
[OutputType(typeof(KlRegistry))]
public sealed class GetKlRegistry : KlCmdlet
{
    /// <summary>Names of clusters. Wildcards are permitted. Default: all clusters.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string[] Cluster { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Cluster)
            Start(name, async (events, stop) =>
            {
                var clusters = await Engine.Clusters.ListAsync(NameCompletion.Matching(name), events, stop);
                var registries = await Task.WhenAll(clusters.Select(cluster => Engine.Registries.FindAsync(cluster, stop)));
                if (!registries.Any(one => one is not null) && !WildcardPattern.ContainsWildcardCharacters(name))
                    throw clusters.Count == 0
                        ? new KlException(ErrorIds.ClusterNotFound, KlErrorKind.NotFound, name, $"Cluster '{name}' was not found.",
                            "Run Get-KlCluster to list clusters.")
                        : new KlException(ErrorIds.RegistryNotFound, KlErrorKind.NotFound, name, $"Cluster '{name}' has no registry.",
                            $"Run 'Get-KlCluster {name} | New-KlRegistry'.");
                Write(registries.Where(one => one is not null));
            });
    }
}
