using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>A measurement of availability in the HTML report.</summary>
internal sealed class AvailabilityHtml(KlAvailability measured, string id)
{
    /// <summary>The cells of a measurement in the overview, after its name.</summary>
    public static IEnumerable<Html> Row(KlAvailability one) =>
    [
        $"{Percent(one.Availability)}", $"{Interval(one.AvailabilityLow, one.AvailabilityHigh)}", $"{Count(one.Requests)}", $"{Count(one.Failed)}",
        $"{Count(one.OutageCount)}", $"{(one.Outages.Length == 0 ? "–" : Duration(one.Outages.Max(outage => outage.Duration)))}",
        $"{Latency(one.Latency?.P99)}",
    ];

    public Html Content() => $"""
        {Figures()}
        {Timeline()}
        {Outages()}
        {HtmlParts.Faults(measured.Faults, measured.Started)}
        {Reasons()}
        {Parts("Phases", "Phase", measured.Phases)}
        {Parts("Endpoints", "Endpoint", measured.Endpoints)}
        {Percentiles()}
        """;

    private Html Figures()
    {
        var nines = measured.Nines is { } some ? $"{HtmlParts.Number(some)} nines" : measured.Requests > 0 ? "no request failed" : "no request was due";
        var notSent = measured.NotSent > 0 ? $", {Count(measured.NotSent)} not sent" : "";
        return $"""
            <dl class="figures">
            {HtmlParts.Figure("Availability", Percent(measured.Availability), nines)}
            {HtmlParts.Figure("Failed", Count(measured.Failed), $"of {Count(measured.Requests, "request")}{notSent}")}
            {HtmlParts.Figure("Outages", Count(measured.OutageCount), measured.Mtbf is { } between ? $"MTBF {Duration(between)}" : "")}
            {HtmlParts.Figure("Mean recovery", measured.Mttr is { } mean ? Duration(mean) : "–", "MTTR")}
            {HtmlParts.Figure("p99 latency", Latency(measured.Latency?.P99), $"median {Latency(measured.Latency?.P50)}")}
            </dl>
            """;
    }

    private Html Timeline()
    {
        var faults = measured.Faults.Length == 0 ? "" : "A fault is active in a shaded period. In the lighter period after it, its target recovers. ";
        var outages = measured.Outages.Length == 0 ? "" : "Bars above the requests are outages.";
        return measured.Timeline.Length == 0 ? (Html)$"" : $"""
            <figure>
            <figcaption>Timeline</figcaption>
            {new TimelinePlot(measured, id).Svg()}
            <small>{faults}{outages}</small>
            </figure>
            """;
    }

    private Html Outages() => HtmlTable.Of("Outages", ["#Start", "#Duration", "#Failed", "Reason", "Fault", "Endpoint"],
        measured.Outages.Select(outage => (IEnumerable<Html>)
        [
            HtmlParts.At(outage.Started, measured.Started), $"{Duration(outage.Duration)}{(outage.Ended is null ? ", not ended" : "")}",
            $"{Count(outage.Failed)}", $"{outage.Reason}", $"{(outage.Faults.Length == 0 ? "none" : Join(outage.Faults))}", $"{outage.Endpoint ?? "all"}",
        ]));

    private Html Reasons() => HtmlTable.Of("Reasons of failed requests", ["Reason", "#Failed"],
        measured.Reasons.OrderByDescending(one => one.Value).Select(one => (IEnumerable<Html>)[$"{one.Key}", $"{Count(one.Value)}"]));

    private static Html Parts(string caption, string name, IEnumerable<KlAvailabilityPart> parts) => HtmlTable.Of(caption,
        [name, "#Availability", "#Requests", "#Failed", "#p50", "#p99", "#Max"], parts.Select(part => (IEnumerable<Html>)
        [
            $"{part.Name}", $"{(part.Availability is { } share ? Percent(share) : "–")}", $"{Count(part.Requests)}", $"{Count(part.Failed)}",
            $"{Latency(part.Latency?.P50)}", $"{Latency(part.Latency?.P99)}", $"{Latency(part.Latency?.Max)}",
        ]));

    private Html Percentiles() => HtmlTable.Of("Latency of successful requests", ["#p50", "#p90", "#p99", "#p99.9", "#p99.99", "#Max"],
        measured.Latency is not { } latency ? [] : [[$"{Latency(latency.P50)}", $"{Latency(latency.P90)}", $"{Latency(latency.P99)}",
            $"{Latency(latency.P999)}", $"{Latency(latency.P9999)}", $"{Latency(latency.Max)}"]]);
}
