namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>The sides of network partitions between the members of a database.</summary>
internal sealed class PartitionSides
{
    private readonly string[] _members;
    private readonly List<Cut> _cuts;

    /// <param name="database">The database.</param>
    /// <param name="faults">The faults. Only partitions of pods in both directions count: others divide the members in part, or keep clients away.</param>
    /// <param name="started">The start of the history.</param>
    public PartitionSides(KlDatabase database, IEnumerable<KlFault> faults, DateTimeOffset started)
    {
        _members = [.. database.Members.Select(member => member.Name)];
        var names = _members.ToDictionary(member => $"{database.Namespace}/{member}");
        _cuts = [.. from fault in faults
                    where fault.Kind == FaultKind.NetworkPartition && fault.Cluster == database.Cluster && names.ContainsKey(fault.Target)
                    where fault.Detail.StartsWith(From, StringComparison.Ordinal)
                    let others = fault.Detail[From.Length..].Split(", ").Where(names.ContainsKey).Select(name => names[name]).ToHashSet()
                    where others.Count > 0
                    let end = fault.Ended is { } ended && ended < fault.Ends ? ended : fault.Ends
                    select new Cut(Nanoseconds(fault.Started - started), Nanoseconds(end - started), names[fault.Target], others)];
    }

    // As FaultRequest.Detail begins.
    private const string From = "from ";

    /// <summary>Whether there was a partition between members.</summary>
    public bool IsEmpty => _cuts.Count == 0;

    /// <summary>The side of the member of an operation, or null if the members were not divided, or not during the whole operation.</summary>
    public string? Of(RecordedOperation one)
    {
        var (start, end) = (one.Operation.Start, one.Operation.End ?? one.Operation.Start);
        var cuts = _cuts.Where(cut => cut.Start <= end && start <= cut.End).ToList();
        if (cuts.Count == 0 || cuts.Exists(cut => start < cut.Start || cut.End < end))
            return null;
        var side = new List<string> { one.Member };
        for (var i = 0; i < side.Count; i++)
            side.AddRange(_members.Except(side).Where(other => !cuts.Exists(cut => cut.Divides(side[i], other))).ToList());
        return side.Count == _members.Length ? null
            : $"{(2 * side.Count > _members.Length ? "majority" : "minority")} ({string.Join(", ", _members.Intersect(side))})";
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private sealed record Cut(long Start, long End, string Target, HashSet<string> Others)
    {
        public bool Divides(string one, string other) => (one == Target && Others.Contains(other)) || (other == Target && Others.Contains(one));
    }
}
