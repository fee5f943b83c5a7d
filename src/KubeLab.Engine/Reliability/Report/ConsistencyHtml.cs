using KubeLab.Engine.Reliability.Checkers;
using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The verdicts of histories in the HTML report, with counterexamples.</summary>
internal static class ConsistencyHtml
{
    private const int MaxCounterexamples = 5, MaxOperations = 30;

    /// <summary>The columns of the overview after the name.</summary>
    public static string[] Columns { get; } = ["History", "Model", "Consistent", "#Operations", "#Unknown", "Found"];

    /// <summary>The cells of a history in the overview, after its name.</summary>
    public static IEnumerable<Html> Row(KlConsistency one) =>
        [$"{one.Model}", $"{Word(one.Consistent)}", $"{Count(one.Operations)}", $"{Count(one.Unknown)}", $"{Found(one)}"];

    /// <summary>A table of the verdicts, and the counterexamples.</summary>
    /// <param name="histories">The verdicts.</param>
    /// <param name="faults">The faults.</param>
    /// <param name="started">The start of the histories.</param>
    /// <param name="id">The beginning of identifiers in the page.</param>
    public static Html Content(IReadOnlyList<KlConsistency> histories, IReadOnlyList<KlFault> faults, DateTimeOffset started, string id)
    {
        var shown = histories.SelectMany(one => Counterexamples(one).Select(anomaly => (History: one, Anomaly: anomaly))).ToList();
        return $"""
            {HtmlTable.Of("Workloads", ["Model", "Consistent", "#Operations", "#Succeeded", "#Failed", "#Unknown", "Found"],
                histories.Select(one => (IEnumerable<Html>)
                [
                    $"{one.Model}", $"{Word(one.Consistent)}", $"{Count(one.Operations)}", $"{Count(one.Ok)}", $"{Count(one.Failed)}", $"{Count(one.Unknown)}",
                    $"{Found(one)}",
                ]))}
            {shown.Select((one, index) => Figure(one.History, one.Anomaly, $"{id}-c{index + 1}"))}
            """;

        Html Figure(KlConsistency history, KlAnomaly anomaly, string plot) => $"""
            <figure>
            <figcaption>{history.Model}: {anomaly.Name}{(history.Consistent == KlVerdict.True ? " (permitted)" : "")}</figcaption>
            <p>{anomaly.Message}</p>
            {(anomaly.Operations.Length is 0 or > MaxOperations ? null
                : new CounterexamplePlot(anomaly, history.HasTimes, faults, started, plot).Svg())}
            {HtmlTable.Of("Operations", ["#No.", "#Process", "Operation", "Outcome"], anomaly.Operations.Take(MaxOperations)
                .Select(operation => (IEnumerable<Html>)
                [
                    $"{Count(operation.Index)}", $"{Count(operation.Process)}", $"{OperationText.Done(operation)}", $"{operation.Outcome.ToString()}",
                ]))}
            {(anomaly.Operations.Length <= MaxOperations ? null
                : (Html)$"<small>The first {Count(MaxOperations)} of {Count(anomaly.Operations.Length)}.</small>")}
            </figure>
            """;
    }

    /// <summary>A verdict as a word.</summary>
    public static string Word(KlVerdict? verdict) => verdict switch { null => "not tested", KlVerdict.True => "yes", KlVerdict.False => "no", _ => "unknown" };

    private static string Found(KlConsistency one)
    {
        var anomalies = string.Join(", ", All(one).CountBy(anomaly => anomaly.Name)
            .Select(kind => kind.Value > 1 ? $"{kind.Key} ({Count(kind.Value)})" : kind.Key));
        var isolation = one.Details is KlIsolation { Holds.Length: > 0 } found ? $"holds: {string.Join(", ", found.Holds)}" : null;
        return string.Join("; ", new[] { isolation, anomalies.Length > 0 ? anomalies : null, one.Reason }.OfType<string>());
    }

    // The shortest of each kind.
    private static IEnumerable<KlAnomaly> Counterexamples(KlConsistency one) =>
        All(one).GroupBy(anomaly => anomaly.Name, (_, all) => all.MinBy(anomaly => anomaly.Operations.Length)!).Take(MaxCounterexamples);

    // A history that has the isolation level it was meant to have can have anomalies that this level permits.
    private static IReadOnlyList<KlAnomaly> All(KlConsistency one) =>
        one.Anomalies.Length == 0 && one.Details is KlIsolation isolation ? isolation.Anomalies : one.Anomalies;
}
