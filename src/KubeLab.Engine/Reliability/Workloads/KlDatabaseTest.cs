namespace KubeLab;

/// <summary>How many operations of a group of members were answered. A conflict of concurrent operations is an answer.</summary>
public sealed record KlDatabaseAvailability
{
    /// <summary>The member; the side of a partition: majority or minority, with its members; or the primary of a shard, with its hash slots.</summary>
    public required string Name { get; init; }

    /// <summary>The reads.</summary>
    public required int Reads { get; init; }

    /// <summary>The reads that were answered.</summary>
    public required int ReadsAnswered { get; init; }

    /// <summary>The writes.</summary>
    public required int Writes { get; init; }

    /// <summary>The writes that were answered.</summary>
    public required int WritesAnswered { get; init; }

    /// <summary>The share of answered reads from 0 to 1, or null if there was none.</summary>
    public double? ReadShare => Reads == 0 ? null : (double)ReadsAnswered / Reads;

    /// <summary>The share of answered writes from 0 to 1, or null if there was none.</summary>
    public double? WriteShare => Writes == 0 ? null : (double)WritesAnswered / Writes;

    /// <summary>The name and the numbers.</summary>
    public override string ToString() => $"{Name}: {ReadsAnswered} of {Reads} reads, {WritesAnswered} of {Writes} writes";
}

/// <summary>The operations of a member in an interval.</summary>
/// <param name="Member">The member.</param>
/// <param name="Start">The start of the interval.</param>
/// <param name="Operations">The operations that began in it.</param>
/// <param name="Answered">How many of them were answered. A conflict of concurrent operations is an answer.</param>
public sealed record KlDatabasePoint(string Member, DateTimeOffset Start, int Operations, int Answered);

/// <summary>What a test of a database found.</summary>
public sealed record KlDatabaseTest : IKlMeasurement
{
    /// <summary>The database.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The program that stores the data.</summary>
    public required DatabaseEngine Engine { get; init; }

    /// <summary>How the members share the data.</summary>
    public required DatabaseMode Mode { get; init; }

    /// <summary>The members.</summary>
    public required KlCollection<string> Members { get; init; }

    /// <summary>The isolation level that was asked for, or null for the server's own.</summary>
    public string? Isolation { get; init; }

    /// <summary>The verdicts, one for each workload.</summary>
    public required KlConsistency[] Workloads { get; init; }

    /// <summary>Whether the registers were linearizable; null if they were not tested.</summary>
    public KlVerdict? Linearizable { get; init; }

    /// <summary>The strongest isolation levels that held, or null if no transaction committed.</summary>
    public string? IsolationHeld { get; init; }

    /// <summary>The writes to the set that were acknowledged, or null if it was not tested.</summary>
    public int? Acknowledged { get; init; }

    /// <summary>The acknowledged writes that no member had in the end, or null if a member did not answer then.</summary>
    public int? Lost { get; init; }

    /// <summary>How many acknowledged writes each member missed in its last read.</summary>
    public required IReadOnlyDictionary<string, int> Missing { get; init; }

    /// <summary>The age of the stalest value that was read: for at least this time, a newer write had been complete. Null if no read was stale.</summary>
    public TimeSpan? StalestRead { get; init; }

    /// <summary>The availability of each member.</summary>
    public required KlDatabaseAvailability[] Availability { get; init; }

    /// <summary>The availability of each side during network partitions between members; empty if there were none.</summary>
    public required KlDatabaseAvailability[] Sides { get; init; }

    /// <summary>The availability of the keys of each shard, as they were divided at the start of the test; empty without shards.</summary>
    public required KlDatabaseAvailability[] Shards { get; init; }

    /// <summary>The operations of each member over time. Intervals without operations are left out.</summary>
    public required KlDatabasePoint[] Timeline { get; init; }

    /// <summary>The length of the intervals of the timeline.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The place in CAP: CP, AP, CA, neither with a reason, or unknown with a reason.</summary>
    public required string Cap { get; init; }

    /// <summary>The faults during the test.</summary>
    public required KlCollection<KlFault> Faults { get; init; }

    /// <summary>The answered operations a second.</summary>
    public required double OperationsPerSecond { get; init; }

    /// <summary>The start of the load.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The length of the load.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The files with the histories.</summary>
    public required KlCollection<string> SavedHistories { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
