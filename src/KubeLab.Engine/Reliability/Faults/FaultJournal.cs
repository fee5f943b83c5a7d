using System.Collections.Concurrent;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>The faults that this process started, for measurements that run beside them. Thread-safe.</summary>
public sealed class FaultJournal
{
    private readonly ConcurrentDictionary<string, KlFault> _faults = [];

    /// <summary>Adds a fault, or replaces it by a newer state.</summary>
    public void Set(KlFault fault) => _faults[fault.Id] = fault;

    /// <summary>The faults that were active at or after <paramref name="time"/>, in the order of their start.</summary>
    public IReadOnlyList<KlFault> Since(DateTimeOffset time) =>
        [.. _faults.Values.Where(fault => (fault.Ended ?? fault.Ends) >= time || fault.State == FaultState.Active).OrderBy(fault => fault.Started)];
}
