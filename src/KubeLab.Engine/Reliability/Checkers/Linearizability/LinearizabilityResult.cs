namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Whether a history is linearizable.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Anomalies">A counterexample for each key that is not linearizable.</param>
/// <param name="Reason">Why the verdict is unknown, and how much has been checked; otherwise null.</param>
public sealed record LinearizabilityResult(KlVerdict Verdict, IReadOnlyList<KlAnomaly> Anomalies, string? Reason);
