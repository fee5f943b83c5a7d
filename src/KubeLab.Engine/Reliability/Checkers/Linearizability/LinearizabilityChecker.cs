using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Checks whether a history is linearizable: whether all answers can be explained by an order in which each operation takes effect at once, between
/// its call and its answer.</summary>
public static class LinearizabilityChecker
{
    /// <summary>The names of the models.</summary>
    public static IEnumerable<string> Models => SequentialModel.All.Keys;

    /// <summary>Checks a history. Keys are independent, and are checked at the same time.</summary>
    /// <param name="history">The history.</param>
    /// <param name="model">The name of the model.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="stop">Cancels the check.</param>
    /// <exception cref="KlException">ModelMismatch: the model does not have all functions of the history.</exception>
    public static LinearizabilityResult Check(OperationHistory history, string model, SearchLimits limits, CancellationToken stop)
    {
        var budget = new SearchBudget(limits.TimeLimit, limits.MemoryLimit, limits.Clock, stop);
        var partitions = Partition.Of(history, SequentialModel.All[model], budget);
        var parts = new PartResult[partitions.Count];
        if (partitions.Count < 2 || limits.Parallelism < 2)
            for (var i = 0; i < parts.Length; i++)
                parts[i] = CheckPart(history, partitions[i], budget, limits, stop);
        else
            Parallel.For(0, parts.Length, new() { MaxDegreeOfParallelism = limits.Parallelism, CancellationToken = stop },
                i => parts[i] = CheckPart(history, partitions[i], budget, limits, stop));
        var anomalies = parts.Select(part => part.Anomaly).OfType<KlAnomaly>().ToList();
        var reasons = parts.Select(part => part.Reason).OfType<string>().ToList();
        return anomalies.Count > 0 ? new(KlVerdict.False, anomalies, null)
            : reasons.Count > 0 ?
                new(KlVerdict.Unknown, [], reasons[0] + (reasons.Count == 1 ? "" : $" {reasons.Count - 1} other keys were not decided either."))
            : new(KlVerdict.True, [], null);
    }

    private static PartResult CheckPart(
        OperationHistory history, Partition partition, SearchBudget budget, SearchLimits limits, CancellationToken stop)
    {
        if (!budget.MayContinue())
            return new(null, Undecided(partition, 0, partition.Calls.Length, budget));
        var search = partition.Search(partition.Calls, budget);
        return search.Run() switch
        {
            KlVerdict.True => default,
            KlVerdict.False => new(Counterexample.Of(history, partition, search.Unexplained, limits, stop), null),
            _ => new(null, Undecided(partition, search.Reached, search.Answers, budget)),
        };
    }

    private static string Undecided(Partition partition, int reached, int all, SearchBudget budget) =>
        (partition.Key is null ? "" : $"Key {OperationText.Value(partition.Key)}: ")
        + $"{budget.Reason} after the first {reached} of {all} answers had been explained.";

    private readonly record struct PartResult(KlAnomaly? Anomaly, string? Reason);
}
