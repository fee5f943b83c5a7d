using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>A measurement in one or two sentences.</summary>
internal static class ReportVerdict
{
    /// <summary>What was answered, and the longest outage.</summary>
    public static string Of(KlAvailability measured) => measured.Requests == 0
        ? $"{measured.Name}: no request was due, so the availability is unknown."
        : $"{measured.Name} answered {Percent(measured.Availability)} of {Count(measured.Requests, "request")} "
            + $"(95 % confidence interval {Interval(measured.AvailabilityLow, measured.AvailabilityHigh)}). "
            + (LongestOutage(measured) ?? "There was no outage.");

    /// <summary>The longest outage as a sentence, or null.</summary>
    public static string? LongestOutage(KlAvailability measured) =>
        measured.Outages.MaxBy(one => one.Duration) is { } longest
            ? $"The longest outage {(longest.Ended is null ? "had not ended after" : "was")} {Duration(longest.Duration)}{Cause(measured, longest)}." : null;

    /// <summary>The place of a database in CAP, and what was lost.</summary>
    public static string Of(KlDatabaseTest test)
    {
        var name = $"{test.Name} ({test.Engine}, {test.Mode})";
        var (place, reason) = test.Cap.Split(": ", 2) is [var first, var second] ? (first, $" {second}") : (test.Cap, "");
        return place switch
        {
            "unknown" => $"The place of {name} in CAP is unknown.",
            "neither" => $"{name} is neither CP nor AP.",
            _ => $"{name} is {place}.",
        } + reason + (test.Acknowledged is null ? "" : $" {Losses(test)}");
    }

    /// <summary>Whether a history is consistent, and why not.</summary>
    public static string Of(KlConsistency history) => history.Sentence();

    /// <summary>How many acknowledged writes were lost.</summary>
    public static string Losses(KlDatabaseTest test) => (test.Acknowledged, test.Lost) switch
    {
        (null, _) => "Acknowledged writes were not counted, because the workload Set was not tested.",
        (_, null) => "How many acknowledged writes were lost is unknown, because a member did not answer in the end.",
        var (acknowledged, lost) => $"{Count(lost.Value)} of {Count(acknowledged.Value, "acknowledged write")} {(lost == 1 ? "was" : "were")} lost.",
    };

    /// <summary>The age of the stalest read.</summary>
    public static string Staleness(KlDatabaseTest test) => test.StalestRead is { } age ? $"The stalest read returned a value that was {Duration(age)} old."
        : CanShowStaleReads(test) ? "No stale read was found." : "No workload that shows stale reads was tested: Register, Set or Session.";

    /// <summary>Whether a workload that shows stale reads had answers.</summary>
    public static bool CanShowStaleReads(KlDatabaseTest test) => test.Workloads.Any(one => one is { Model: "CasRegister" or "Set" or "Session", Ok: > 0 });

    // The record names faults that were active, or that had ended shortly before.
    private static string Cause(KlAvailability measured, KlOutage outage)
    {
        if (outage.Faults.Length == 0)
            return ", while no fault was active";
        var ended = measured.Faults.Where(fault => outage.Faults.Contains(fault.ToString())).Select(fault => fault.Ended ?? fault.Ends).ToList();
        return $", {(ended.Count > 0 && ended.TrueForAll(end => end <= outage.Started) ? "after" : "during")} {Join(outage.Faults)}";
    }
}
