using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Databases;

/// <summary>Gets databases and the state of their members.</summary>
/// <remarks>Asks each member for its role, its position and its lag. A member that does not answer has no role; its State says why.</remarks>
/// <example>Get the databases in the context's namespace
/// <code>Get-KlDatabase</code></example>
/// <example>Show how far the replicas are behind
/// <code>(Get-KlDatabase mariadb).Members</code></example>
/// <example>Show which shard has which hash slots
/// <code>(Get-KlDatabase redis).Shards</code></example>
/// <example>Show which shard a key lives on
/// <code>(Get-KlDatabase redis -Key user:1).Shards</code></example>
[Cmdlet(VerbsCommon.Get, "KlDatabase")]
[OutputType(typeof(KlDatabase))]
public sealed class GetKlDatabase : KubeQuery
{
    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Gets databases in all namespaces.</summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>A key of a Redis Cluster. Of the shards, only the one that has it is returned.</summary>
    [Parameter]
    public string? Key { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var key = Key;
        List("Database", ErrorIds.DatabaseNotFound, new KubeScope(AllNamespaces ? null : Namespace, AllNamespaces),
            (cluster, scope, stop) => Engine.Databases.ListAsync(cluster, scope, key, stop), "StatefulSet");
    }
}
