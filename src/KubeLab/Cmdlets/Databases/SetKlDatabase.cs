using System.Management.Automation;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Databases;

/// <summary>Changes the primary or the number of shards of a database.</summary>
/// <remarks><para>A planned change of the primary loses nothing: the old primary accepts no more writes, and the new one waits until it has all of them. If
/// the old primary does not answer, the cmdlet fails. With -AllowDataLoss it continues. Writes that the old primary acknowledged and that no
/// other member has are then discarded when it follows the new one; a warning says how many.</para>
/// <para>New shards of a Redis Cluster get slots from the others while clients continue.</para></remarks>
/// <example>Make a replica the primary
/// <code>Set-KlDatabase mariadb -Primary mariadb-1</code></example>
/// <example>Add a shard
/// <code>Set-KlDatabase redis -Shards 4</code></example>
[Cmdlet(VerbsCommon.Set, "KlDatabase", SupportsShouldProcess = true, DefaultParameterSetName = "Primary")]
[OutputType(typeof(KlDatabase))]
public sealed class SetKlDatabase : NamedCmdlet
{
    /// <summary>The member that becomes the primary, or the leader of etcd.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Primary")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Primary { get; set; } = "";

    /// <summary>Continues if the primary does not answer. Writes that only it has are lost.</summary>
    [Parameter(ParameterSetName = "Primary")]
    public SwitchParameter AllowDataLoss { get; set; }

    /// <summary>The number of shards. Shards can only be added.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Shards")]
    [ValidateRange(1, 100)]
    public int Shards { get; set; }

    /// <summary>The maximum time to wait for new members, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter(ParameterSetName = "Shards")]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    private protected override string Kind => "Database";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name) = (Cluster, Namespace, Name);
        if (ParameterSetName == "Shards")
        {
            var (shards, timeout) = (Shards, Timeout);
            if (ShouldProcess(name, $"Change the number of shards to {shards}"))
                Start(name, (events, stop) => Engine.Databases.SetShardsAsync(cluster, ns, name, shards, timeout, events, stop));
            return;
        }
        var (primary, force) = (Primary, (bool)AllowDataLoss);
        if (ShouldProcess(name, $"Make {primary} the primary"))
            Start(name, (events, stop) => Engine.Databases.SetPrimaryAsync(cluster, ns, name, primary, force, events, stop));
    }
}
