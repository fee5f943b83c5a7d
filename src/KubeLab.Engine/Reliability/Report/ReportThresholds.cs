namespace KubeLab.Engine.Reliability.Report;

/// <summary>What a measurement must reach to pass. A null value is not checked.</summary>
/// <param name="MinimumAvailability">The minimum share of successful requests, from 0 to 1.</param>
/// <param name="MaximumOutage">The maximum duration of an outage.</param>
/// <param name="MaximumLatency">The maximum 99th percentile of the latency.</param>
/// <param name="Consistent">Whether every workload or history must be consistent.</param>
/// <param name="MaximumLost">The maximum number of acknowledged writes that are lost.</param>
/// <param name="MaximumStaleness">The maximum age of the stalest read.</param>
public sealed record ReportThresholds(
    double? MinimumAvailability = null, TimeSpan? MaximumOutage = null, TimeSpan? MaximumLatency = null,
    bool Consistent = false, int? MaximumLost = null, TimeSpan? MaximumStaleness = null)
{
    /// <summary>Whether there is nothing to check.</summary>
    internal bool IsEmpty => this == new ReportThresholds();

    /// <summary>Compares a measurement. A measurement without requests fails every check: nothing was shown.</summary>
    internal IEnumerable<ReportCheck> Check(KlAvailability measured)
    {
        if (MinimumAvailability is { } share)
            yield return new("Availability", $"Availability is at least {ReportText.Exactly(share)}", measured.Requests > 0 && measured.Availability >= share,
                measured.Requests > 0 ? $"The availability is {ReportText.Percent(measured.Availability)}." : "No request was due.");
        if (MaximumOutage is { } outage)
            yield return new("Outage", $"No outage is longer than {ReportText.Duration(outage)}",
                measured.Requests > 0 && measured.Outages.All(one => one.Duration <= outage),
                measured.Requests == 0 ? "No request was due." : ReportVerdict.LongestOutage(measured) ?? "There was no outage.");
        if (MaximumLatency is { } latency)
            yield return new("Latency", $"The p99 latency is at most {ReportText.Duration(latency)}", measured.Latency?.P99 <= latency.TotalMilliseconds,
                measured.Latency is { } was ? $"The p99 latency is {ReportText.Latency(was.P99)}." : "No request succeeded.");
    }

    /// <summary>Compares the test of a database. What was not tested, or is unknown, fails its check: nothing was shown.</summary>
    internal IEnumerable<ReportCheck> Check(KlDatabaseTest test)
    {
        foreach (var check in test.Workloads.SelectMany(Check))
            yield return check;
        if (MaximumLost is { } most)
            yield return new("Lost", $"At most {ReportText.Count(most, "acknowledged write")} {(most == 1 ? "is" : "are")} lost", test.Lost <= most,
                ReportVerdict.Losses(test));
        if (MaximumStaleness is { } age)
            yield return new("Staleness", $"No read is staler than {ReportText.Duration(age)}",
                test.StalestRead is { } stalest ? stalest <= age : ReportVerdict.CanShowStaleReads(test), ReportVerdict.Staleness(test));
    }

    /// <summary>Compares the verdict of a history.</summary>
    internal IEnumerable<ReportCheck> Check(KlConsistency history)
    {
        if (Consistent)
            yield return new("Consistency", $"The history is consistent with the model {history.Model}", history.Consistent == KlVerdict.True,
                history.Anomalies.FirstOrDefault()?.Message ?? history.Reason
                ?? $"No anomaly was found in {ReportText.Count(history.Operations, "operation")}.");
    }
}

/// <summary>The result of a check.</summary>
/// <param name="Id">What was checked: Availability, Outage, Latency, Consistency, Lost or Staleness.</param>
/// <param name="Name">The requirement.</param>
/// <param name="Passed">Whether the measurement meets it.</param>
/// <param name="Message">What was measured.</param>
internal sealed record ReportCheck(string Id, string Name, bool Passed, string Message);
