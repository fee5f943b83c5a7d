using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Checkers;
using KubeLab.Engine.Reliability.Checkers.Linearizability;
using KubeLab.Engine.Reliability.Checkers.Models;
using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability;

/// <summary>Judges a history by a model.</summary>
public static class ConsistencyChecker
{
    private const string ListAppend = "ListAppend", Set = "Set", Counter = "Counter", Bank = "Bank", Session = "Session";

    // The functions of models that are not checked for linearizability.
    private static readonly Dictionary<string, string[]> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        [ListAppend] = ["txn"],
        [Set] = ["add", "read"],
        [Counter] = ["add", "read"],
        [Bank] = ["transfer", "read"],
        [Session] = ["read", "write"],
    };

    /// <summary>Judges a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="model">The name of the model, ignoring case.</param>
    /// <param name="options">The limits.</param>
    /// <param name="stop">Cancels the check.</param>
    /// <exception cref="KlException">ModelMismatch: the model does not have all functions of the history.</exception>
    public static KlConsistency Check(OperationHistory history, string model, ConsistencyOptions options, CancellationToken stop)
    {
        var (at, started) = (options.Limits.Clock.GetUtcNow(), options.Limits.Clock.GetTimestamp());
        var isLinear = !Functions.ContainsKey(model);
        var finding = isLinear ? Linearizable(history, model, options, stop) : Judge(history, model, options, stop);
        return new()
        {
            Name = history.Name,
            Model = LinearizabilityChecker.Models.Concat(Functions.Keys).First(name => name.Equals(model, StringComparison.OrdinalIgnoreCase)),
            Operations = history.Operations.Count,
            Ok = history.Operations.Count(operation => operation.Outcome == KlOutcome.Ok),
            Failed = history.Operations.Count(operation => operation.Outcome == KlOutcome.Fail),
            Unknown = history.Operations.Count(operation => operation.Outcome == KlOutcome.Unknown),
            Consistent = finding.Verdict,
            Linearizable = isLinear ? finding.Verdict : null,
            Anomalies = finding.Verdict == KlVerdict.False ? [.. finding.Anomalies] : [],
            HasTimes = history.HasTimes,
            CheckedAt = at,
            CheckedFor = options.Limits.Clock.GetElapsedTime(started),
            Reason = finding.Reason,
            Details = finding.Details,
        };
    }

    private static Finding Linearizable(OperationHistory history, string model, ConsistencyOptions options, CancellationToken stop)
    {
        var result = LinearizabilityChecker.Check(history, model, options.Limits, stop);
        return new(result.Verdict, result.Anomalies, result.Reason, null);
    }

    private static Finding Judge(OperationHistory history, string model, ConsistencyOptions options, CancellationToken stop)
    {
        var (name, functions) = Functions.First(one => one.Key.Equals(model, StringComparison.OrdinalIgnoreCase));
        if (history.Operations.FirstOrDefault(one => !functions.Contains(one.Function)) is { } other)
            throw ModelError.Mismatch(history, other, name, string.Join(" and ", functions));
        using var timer = new TimeLimit(options.Limits.TimeLimit, options.Limits.Clock, stop);
        try
        {
            return Judge(history.Operations, name, options, timer.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(KlVerdict.Unknown, [], $"The time limit of {options.Limits.TimeLimit.TotalSeconds:0.###} s was reached.", null);
        }
    }

    private static Finding Judge(IReadOnlyList<KlOperation> operations, string model, ConsistencyOptions options, CancellationToken stop)
    {
        switch (model)
        {
            case ListAppend:
                var isolation = TransactionChecker.Check(operations, new() { Level = options.Isolation }, stop);
                return new(isolation.Verdict, isolation.Anomalies, isolation.Reason, isolation);
            case Set:
                var set = SetChecker.Check(operations, stop);
                return new(set.Verdict, set.Anomalies, set.Reason, set);
            case Counter:
                var counter = CounterChecker.Check(operations, stop);
                return new(counter.Verdict, counter.Anomalies, counter.Reason, counter);
            case Bank:
                var bank = BankChecker.Check(operations, options.Bank);
                return new(bank.Verdict, bank.Anomalies, bank.Reason, bank);
            default:
                var session = SessionChecker.Check(operations, stop);
                return new(session.Verdict, session.Anomalies, session.Reason, session);
        }
    }

    private sealed record Finding(KlVerdict Verdict, IReadOnlyList<KlAnomaly> Anomalies, string? Reason, object? Details);
}
