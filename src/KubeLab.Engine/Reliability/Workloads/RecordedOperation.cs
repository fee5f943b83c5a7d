using KubeLab.Engine.Databases.Clients;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>An operation of a test.</summary>
/// <param name="Workload">Its workload.</param>
/// <param name="Operation">The operation as the history has it.</param>
/// <param name="Member">The member of its client.</param>
/// <param name="IsRead">Whether it changes nothing.</param>
/// <param name="Reason">Why it did not succeed, or null.</param>
/// <param name="IsFinal">Whether it is a read after the load.</param>
/// <param name="Slot">The hash slot of its keys, or null.</param>
internal sealed record RecordedOperation(
    DatabaseWorkload Workload, KlOperation Operation, string Member, bool IsRead, string? Reason, bool IsFinal, int? Slot = null)
{
    /// <summary>Whether the database answered as it should. A conflict is an answer.</summary>
    public bool IsAnswered => Reason is null or DatabaseException.Conflict;
}
