using static KubeLab.Engine.Reliability.Report.ReportText;

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

    // The record names faults that were active, or that had ended shortly before.
    private static string Cause(KlAvailability measured, KlOutage outage)
    {
        if (outage.Faults.Length == 0)
            return ", while no fault was active";
        var ended = measured.Faults.Where(fault => outage.Faults.Contains(fault.ToString())).Select(fault => fault.Ended ?? fault.Ends).ToList();
        return $", {(ended.Count > 0 && ended.TrueForAll(end => end <= outage.Started) ? "after" : "during")} {Join(outage.Faults)}";
    }
}
