using KubeLab.Engine.Databases;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>Judges the operations of a test of a database.</summary>
internal static class DatabaseTestJudge
{
    private const int MaxIntervals = 120;

    /// <summary>Judges a test.</summary>
    /// <param name="database">The database.</param>
    /// <param name="options">How it was tested.</param>
    /// <param name="isolation">The isolation level that transactions must have, or null for that of the options of the check.</param>
    /// <param name="recorded">The operations.</param>
    /// <param name="faults">The faults during the test.</param>
    /// <param name="started">The start of the load, from which the operations count their time.</param>
    /// <param name="duration">The length of the load.</param>
    /// <param name="saved">The files with the histories.</param>
    /// <param name="stop">Cancels the checks.</param>
    internal static KlDatabaseTest Judge(KlDatabase database, DatabaseTestOptions options, string? isolation, IReadOnlyCollection<RecordedOperation> recorded,
        IReadOnlyList<KlFault> faults, DateTimeOffset started, TimeSpan duration, string[] saved, CancellationToken stop)
    {
        var check = options.Check with { Isolation = isolation ?? options.Check.Isolation };
        var verdicts = recorded.Select(one => one.Workload).Distinct().Order().ToDictionary(workload => workload,
            workload => Check(History($"{database.Name} {workload}", workload, recorded), workload, check, stop));
        var (load, members) = (recorded.Where(one => !one.IsFinal).ToList(), database.Members.Select(member => member.Name).ToArray());
        var interval = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(duration.TotalSeconds / MaxIntervals)));
        var partitions = new PartitionSides(database, faults, started);
        KlDatabaseAvailability[] sides = [.. load.GroupBy(partitions.Of).Where(side => side.Key is not null)
            .Select(side => Availability(side.Key!, side)).OrderBy(side => side.Name, StringComparer.Ordinal)];
        var linearizable = verdicts.GetValueOrDefault(DatabaseWorkload.Register)?.Linearizable;
        var (acknowledged, missing, lost) = Losses(recorded, members);
        return new()
        {
            Name = database.Name,
            Namespace = database.Namespace,
            Cluster = database.Cluster,
            Engine = database.Engine,
            Mode = database.Mode,
            Members = [.. members],
            Isolation = options.Isolation,
            Workloads = [.. verdicts.OrderBy(one => one.Key).Select(one => one.Value)],
            Linearizable = linearizable,
            IsolationHeld = verdicts.Values.Select(one => one.Details).OfType<KlIsolation>().Select(Held).SingleOrDefault(),
            Acknowledged = acknowledged,
            Lost = lost,
            Missing = missing,
            StalestRead = Stalest(recorded, verdicts.Values),
            Availability = [.. members.Select(member => Availability(member, load.Where(one => one.Member == member)))],
            Sides = sides,
            Shards = [.. database.Shards.Select(shard => Availability($"{shard.Primary} ({shard.Slots})", load.Where(one => IsIn(shard, one.Slot))))],
            Timeline = [.. Timeline(load, started, interval)],
            Interval = interval,
            Cap = CapPlace.Of(members.Length, linearizable, lost, !partitions.IsEmpty, sides),
            Faults = [.. faults],
            OperationsPerSecond = duration > TimeSpan.Zero ? load.Count(one => one.Operation.Outcome == KlOutcome.Ok) / duration.TotalSeconds : 0,
            Started = started,
            Duration = duration,
            SavedHistories = [.. saved],
        };
    }

    /// <summary>The history of a workload.</summary>
    internal static OperationHistory History(string name, DatabaseWorkload workload, IReadOnlyCollection<RecordedOperation> recorded) => new(name,
        [.. recorded.Where(one => one.Workload == workload).Select(one => one.Operation).OrderBy(one => one.Start)
            .Select((one, index) => one with { Index = index })],
        HasTimes: true);

    private static KlConsistency Check(OperationHistory history, DatabaseWorkload workload, ConsistencyOptions options, CancellationToken stop)
    {
        var verdict = ConsistencyChecker.Check(history, workload == DatabaseWorkload.Register ? "CasRegister" : $"{workload}", options, stop);
        return verdict.Ok > 0 || verdict.Consistent == KlVerdict.False ? verdict : verdict with
        {
            Consistent = KlVerdict.Unknown,
            Linearizable = verdict.Linearizable is null ? null : KlVerdict.Unknown,
            Reason = verdict.Reason ?? "No operation succeeded.",
        };
    }

    private static string? Held(KlIsolation found) => found.Committed == 0 ? null
        : found.Holds.Length > 0 ? string.Join(", ", found.Holds)
        : found.Undecided.Length > 0 ? null : "none";

    // The last read of a member counts only if it succeeded: what an earlier one missed may have come later.
    private static (int? Acknowledged, Dictionary<string, int> Missing, int? Lost) Losses(IReadOnlyCollection<RecordedOperation> recorded, string[] members)
    {
        var set = recorded.Where(one => one.Workload == DatabaseWorkload.Set).ToList();
        if (set.Count == 0)
            return (null, [], null);
        var added = set.Where(one => one is { IsRead: false, Operation.Outcome: KlOutcome.Ok }).Select(one => one.Operation.Value).ToHashSet();
        var missed = set.Where(one => one.IsFinal).GroupBy(one => one.Member).Select(member => member.MaxBy(one => one.Operation.Start)!)
            .Where(one => one.Operation.Outcome == KlOutcome.Ok)
            .ToDictionary(one => one.Member, one => added.Except((IReadOnlyList<object?>)one.Operation.Result!).ToHashSet());
        return (added.Count, missed.ToDictionary(one => one.Key, one => one.Value.Count),
            members.All(missed.ContainsKey) ? added.Count(element => missed.Values.All(misses => misses.Contains(element))) : null);
    }

    private static TimeSpan? Stalest(IEnumerable<RecordedOperation> recorded, IEnumerable<KlConsistency> verdicts) => recorded
        .Where(one => one.Workload is DatabaseWorkload.Register or DatabaseWorkload.Session)
        .GroupBy(one => one.Workload, one => one.Operation).Select(Staleness.Of)
        .Concat(verdicts.Select(one => one.Details).OfType<KlSetCheck>().SelectMany(one => one.Stale.Values).Select(age => (TimeSpan?)age)).Max();

    private static bool IsIn(KlDatabaseShard shard, int? slot) => DatabaseStatus.Ranges(shard.Slots).Any(range => range.First <= slot && slot <= range.Last);

    private static IEnumerable<KlDatabasePoint> Timeline(IEnumerable<RecordedOperation> load, DateTimeOffset started, TimeSpan interval) => load
        .GroupBy(one => (one.Member, Interval: one.Operation.Start / (interval.Ticks * TimeSpan.NanosecondsPerTick)))
        .OrderBy(group => group.Key.Member, StringComparer.Ordinal).ThenBy(group => group.Key.Interval)
        .Select(group => new KlDatabasePoint(
            group.Key.Member, started + group.Key.Interval * interval, group.Count(), group.Count(one => one.IsAnswered)));

    private static KlDatabaseAvailability Availability(string name, IEnumerable<RecordedOperation> operations)
    {
        var counts = operations.ToLookup(one => one.IsRead);
        return new()
        {
            Name = name,
            Reads = counts[true].Count(),
            ReadsAnswered = counts[true].Count(one => one.IsAnswered),
            Writes = counts[false].Count(),
            WritesAnswered = counts[false].Count(one => one.IsAnswered),
        };
    }
}
