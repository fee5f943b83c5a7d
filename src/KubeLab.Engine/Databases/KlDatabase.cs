using k8s.Models;

namespace KubeLab;

/// <summary>The program that stores the data of a database.</summary>
public enum DatabaseEngine
{
    /// <summary>MariaDB with one server, or with replicas that follow a primary.</summary>
    MariaDB,

    /// <summary>MariaDB with Galera: every member accepts writes, and a majority must be connected.</summary>
    Galera,

    /// <summary>PostgreSQL with one server, or with standby servers.</summary>
    PostgreSQL,

    /// <summary>Redis with replicas and Sentinel, or as a cluster with hash slots.</summary>
    Redis,

    /// <summary>etcd: a leader that a majority elects.</summary>
    Etcd,
}

/// <summary>How the members of a database share its data.</summary>
public enum DatabaseMode
{
    /// <summary>One server.</summary>
    Single,

    /// <summary>The primary acknowledges a write before its replicas have it.</summary>
    Asynchronous,

    /// <summary>The primary acknowledges a write when one replica has received it. If none does within a time limit, it continues without.</summary>
    SemiSynchronous,

    /// <summary>The primary acknowledges a write when every replica has applied it, and waits as long as that takes.</summary>
    Synchronous,

    /// <summary>A majority of the members must be connected.</summary>
    Quorum,

    /// <summary>Each shard has a part of the keys. A shard has a primary and may have replicas, which follow asynchronously.</summary>
    Sharded,
}

/// <summary>A database of several members, as a StatefulSet.</summary>
public sealed record KlDatabase : IKubeRecord
{
    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "StatefulSet";

    /// <summary>Its name. Clients inside the cluster use it as host name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The program that stores the data.</summary>
    public required DatabaseEngine Engine { get; init; }

    /// <summary>How the members share the data.</summary>
    public required DatabaseMode Mode { get; init; }

    /// <summary>Ready and desired members, such as 3/3.</summary>
    public required string Ready { get; init; }

    /// <summary>The members, by ordinal.</summary>
    public required KlCollection<KlDatabaseMember> Members { get; init; }

    /// <summary>The shards, by their first slot; empty without sharding.</summary>
    public KlCollection<KlDatabaseShard> Shards { get; init; } = [];

    /// <summary>The member that accepts writes or that is the leader; null if there is none, or several.</summary>
    public string? Primary => Members.Where(member => member.IsPrimary).Select(member => member.Name).ToList() is [var only] ? only : null;

    /// <summary>The port of the members.</summary>
    public required int Port { get; init; }

    /// <summary>The Secret that contains the password, as SECRET/KEY. The user is kubelab.</summary>
    public required string Secret { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    internal V1StatefulSet Object { get; init; } = new();

    object IKubeRecord.Object => Object;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>A member of a database: a pod with a volume of its own.</summary>
public sealed record KlDatabaseMember
{
    /// <summary>The pod.</summary>
    public required string Name { get; init; }

    /// <summary>The node it runs on, or null.</summary>
    public string? Node { get; init; }

    /// <summary>Whether it accepts clients.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Its part: primary, replica, leader, follower, member; or null if it does not answer.</summary>
    public string? Role { get; init; }

    /// <summary>What the engine says about its state, such as Synced or streaming; or why it does not answer.</summary>
    public string? State { get; init; }

    /// <summary>The member that it follows, or null.</summary>
    public string? Follows { get; init; }

    /// <summary>How far it has got, in the words of its engine: a GTID, a log position, an offset or a revision.</summary>
    public string? Position { get; init; }

    /// <summary>How old its data are compared to the member that it follows, or null if this is not known.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>The bytes that it has not yet received from the member that it follows, or null if this is not known.</summary>
    public long? LagBytes { get; init; }

    /// <summary>The size of its data in bytes, or null if this is not known.</summary>
    public long? Size { get; init; }

    /// <summary>The number of keys, or null if the engine has no keys or does not answer.</summary>
    public long? Keys { get; init; }

    /// <summary>Whether it is the primary or the leader.</summary>
    public bool IsPrimary => Role is "primary" or "leader";

    /// <summary>The pod.</summary>
    public override string ToString() => Name;
}

/// <summary>A part of the keys of a sharded database.</summary>
public sealed record KlDatabaseShard
{
    /// <summary>The member that accepts writes, or null if there is none.</summary>
    public string? Primary { get; init; }

    /// <summary>The members that follow it.</summary>
    public required KlCollection<string> Replicas { get; init; }

    /// <summary>The hash slots, such as 0-5460.</summary>
    public required string Slots { get; init; }

    /// <summary>The number of hash slots.</summary>
    public required int SlotCount { get; init; }

    /// <summary>The number of keys, or null if no member answers.</summary>
    public long? Keys { get; init; }

    /// <summary>The slots and the primary.</summary>
    public override string ToString() => $"{Slots} on {Primary ?? "none"}";
}
