using KubeLab.Engine.Reliability.Checkers.Linearizability;
using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Judges a history by a model.</summary>
public static class ConsistencyChecker
{
    /// <summary>Judges a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="model">The name of the model.</param>
    /// <param name="options">The limits.</param>
    /// <param name="stop">Cancels the check.</param>
    /// <exception cref="KlException">ModelMismatch: the model does not have all functions of the history.</exception>
    public static KlConsistency Check(OperationHistory history, string model, ConsistencyOptions options, CancellationToken stop)
    {
        var started = options.Clock.GetTimestamp();
        // Models with a checker of their own get their case here.
        var result = model switch
        {
            _ => LinearizabilityChecker.Check(history, model, options, stop),
        };
        return new()
        {
            Name = history.Name,
            Model = LinearizabilityChecker.Models.First(name => name.Equals(model, StringComparison.OrdinalIgnoreCase)),
            Operations = history.Operations.Count,
            Ok = history.Operations.Count(operation => operation.Outcome == KlOutcome.Ok),
            Failed = history.Operations.Count(operation => operation.Outcome == KlOutcome.Fail),
            Unknown = history.Operations.Count(operation => operation.Outcome == KlOutcome.Unknown),
            Linearizable = result.Verdict,
            Anomalies = [.. result.Anomalies],
            CheckedFor = options.Clock.GetElapsedTime(started),
            Reason = result.Reason,
        };
    }
}
