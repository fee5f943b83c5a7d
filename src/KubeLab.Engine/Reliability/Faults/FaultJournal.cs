using System.Collections.Concurrent;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>The faults that this process started, for measurements that run beside them. Thread-safe.</summary>
public sealed class FaultJournal
{
    private readonly ConcurrentDictionary<string, KlFault> _faults = [];

    /// <summary>Adds a fault, or replaces it by a newer state.</summary>
    public void Set(KlFault fault) => _faults[fault.Id] = fault;

    /// <summary>The faults whose end is not known to this process, in the order of their start. They may have ended by themselves.</summary>
    public IReadOnlyList<KlFault> Active => [.. _faults.Values.Where(fault => fault.State == FaultState.Active).OrderBy(fault => fault.Started)];

    /// <summary>The faults that were in force at or after <paramref name="time"/>, in the order of their start.</summary>
    public IReadOnlyList<KlFault> Since(DateTimeOffset time) =>
        [.. _faults.Values.Where(fault => (fault.Ended ?? fault.Ends) >= time).OrderBy(fault => fault.Started)];
}
