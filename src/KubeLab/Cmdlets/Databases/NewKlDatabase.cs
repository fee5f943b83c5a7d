using System.Management.Automation;
using KubeLab.Engine.Databases;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Databases;

/// <summary>Creates a database of several members, for learning and testing.</summary>
/// <remarks><para>The members are pods of a StatefulSet on different nodes, each with a volume of its own. The image is built from Debian's packages and
/// published to the registry of the cluster. The password is generated, and kept in a Secret. If the database exists, nothing is changed.</para>
/// <para>MariaDB and PostgreSQL: one server, or a primary and replicas. Galera: every member accepts writes. Redis: one server, replicas with Sentinel, or
/// shards. Etcd: a leader that a majority elects.</para>
/// <para>See docs/reliability.md for what to use in production.</para></remarks>
/// <example>Create a database of three members, and show them
/// <code>(New-KlDatabase Galera).Members</code></example>
/// <example>Create a Redis Cluster of three shards, each with a replica
/// <code>New-KlDatabase Redis -Shards 3 -Replicas 1</code></example>
/// <example>Create several databases side by side
/// <code>
/// [pscustomobject]@{ Engine = 'PostgreSQL'; Replicas = 3; Mode = 'Synchronous' },
/// [pscustomobject]@{ Engine = 'Redis'; Name = 'shards'; Shards = 3; Replicas = 1 } | New-KlDatabase</code></example>
/// <example>Find out how consistent four databases are while the network is partitioned
/// <code>
/// 'MariaDB', 'Galera', 'Redis', 'Etcd' | New-KlDatabase -Replicas 3 |
///     Test-KlConsistency -Duration 40s -During { $_ | Start-KlFault NetworkPartition -From Minority -For 15s }</code></example>
[Cmdlet(VerbsCommon.New, "KlDatabase", SupportsShouldProcess = true)]
[OutputType(typeof(KlDatabase))]
public sealed class NewKlDatabase : KlCmdlet
{
    /// <summary>The engine.</summary>
    // Not an enum: PowerShell loads this type before the engine can be found, and the size of a field must be known then.
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateSet(nameof(DatabaseEngine.MariaDB), nameof(DatabaseEngine.Galera), nameof(DatabaseEngine.PostgreSQL), nameof(DatabaseEngine.Redis),
        nameof(DatabaseEngine.Etcd))]
    public new string Engine { get; set; } = "";

    /// <summary>The name. Default: the name of the engine in lowercase.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string? Name { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The number of members; with -Shards, the number of replicas of each shard. Default: 1 for MariaDB, PostgreSQL and Redis, 3 for Galera and
    /// Etcd, 0 with -Shards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 15)]
    public int? Replicas { get; set; }

    /// <summary>The number of shards of a Redis Cluster, from 3 to 5.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, 100)]
    public int? Shards { get; set; }

    /// <summary>How the members share the data. Default: Single for one member and Asynchronous for several members of MariaDB, PostgreSQL and Redis; Quorum
    /// for Galera and Etcd; Sharded with -Shards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet(nameof(DatabaseMode.Single), nameof(DatabaseMode.Asynchronous), nameof(DatabaseMode.SemiSynchronous), nameof(DatabaseMode.Synchronous),
        nameof(DatabaseMode.Quorum), nameof(DatabaseMode.Sharded))]
    public string? Mode { get; set; }

    /// <summary>The namespace. It is created if it does not exist. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A KubeLab cluster with a registry. Default: the current context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The maximum time to wait for the members, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (spec, timeout) = (new DatabaseSpec
        {
            Engine = Enum.Parse<DatabaseEngine>(Engine, ignoreCase: true),
            Name = Name,
            Mode = Mode is null ? null : Enum.Parse<DatabaseMode>(Mode, ignoreCase: true),
            Replicas = Replicas,
            Shards = Shards,
            Cluster = Cluster,
            Namespace = Namespace,
        }, Timeout);
        var name = Name ?? $"{spec.Engine}".ToLowerInvariant();
        if (ShouldProcess(name, $"Create a database with {spec.Engine}"))
            Start(name, (events, stop) => KlCmdlet.Engine.Databases.CreateAsync(spec, timeout, events, stop));
    }
}
