namespace KubeLab.Engine.Reliability.Report;

/// <summary>A measurement as all formats show it.</summary>
/// <param name="Measurement">The measurement.</param>
/// <param name="Kind">What was measured: availability, database or consistency.</param>
/// <param name="Verdict">The result in a few sentences.</param>
/// <param name="Started">The start.</param>
/// <param name="Duration">The length.</param>
/// <param name="Environment">What ran.</param>
/// <param name="Check">Compares it with thresholds. Thresholds for other kinds are left out.</param>
/// <param name="When">When and how it was measured, in HTML.</param>
/// <param name="Section">Its content in HTML. The argument is its identifier in the page.</param>
internal sealed record ReportEntry(
    IKlMeasurement Measurement, string Kind, string Verdict, DateTimeOffset Started, TimeSpan Duration, IReadOnlyDictionary<string, string> Environment,
    Func<ReportThresholds, IEnumerable<ReportCheck>> Check, Html When, Func<string, Html> Section)
{
    public static ReportEntry Of(IKlMeasurement measurement) => measurement switch
    {
        KlAvailability one => new(one, "availability", ReportVerdict.Of(one), one.Started, one.Duration, one.Environment,
            thresholds => thresholds.Check(one), HtmlParts.When(one.Cluster, one.Started, one.Duration, $"{HtmlParts.Number(one.Rate)} requests a second"),
            id => new AvailabilityHtml(one, id).Content()),
        KlDatabaseTest one => new(one, "database", ReportVerdict.Of(one), one.Started, one.Duration, DatabaseHtml.Environment(one),
            thresholds => thresholds.Check(one),
            HtmlParts.When(one.Cluster, one.Started, one.Duration, $"{HtmlParts.Number(one.OperationsPerSecond)} operations a second answered"),
            id => new DatabaseHtml(one, id).Content()),
        KlConsistency one => new(one, "consistency", ReportVerdict.Of(one), one.CheckedAt, one.CheckedFor, new Dictionary<string, string>(),
            thresholds => thresholds.Check(one), HtmlParts.When(null, one.CheckedAt, one.CheckedFor, $"{ReportText.Count(one.Operations, "operation")}"),
            id => ConsistencyHtml.Content([one], [], one.CheckedAt, id)),
        _ => throw new ArgumentException($"{measurement.GetType()} is not a measurement of KubeLab.", nameof(measurement)),
    };
}
