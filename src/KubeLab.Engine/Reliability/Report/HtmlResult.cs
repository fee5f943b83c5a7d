using System.Globalization;
using static KubeLab.Engine.Reliability.Report.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>One measurement in the HTML report.</summary>
internal sealed class HtmlResult(KlAvailability measured, ReportThresholds thresholds, string id)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public Html Section(bool hasHeading) => $"""
        <section id="{id}">
        {(hasHeading ? (Html)$"<h2>{measured.Name}</h2>" : null)}
        <p class="when">{When()}</p>
        <p class="verdict">{ReportVerdict.Of(measured)}</p>
        {Checks()}
        {Figures()}
        {Timeline()}
        {Outages()}
        {Faults()}
        {Reasons()}
        {Parts("Phases", "Phase", measured.Phases)}
        {Parts("Endpoints", "Endpoint", measured.Endpoints)}
        {Percentiles()}
        {Environment()}
        </section>
        """;

    /// <summary>Passed or failed.</summary>
    public static Html Badge(bool passed) => $"""<strong class="{(passed ? "passed" : "missed")}">{(passed ? "✓ passed" : "✗ failed")}</strong>""";

    private Html Checks() => thresholds.IsEmpty ? (Html)$"" : $"""
        <ul class="checks">
        {thresholds.Check(measured).Select(check => (Html)$"<li>{Badge(check.Passed)} {check.Name}. {check.Message}</li>")}
        </ul>
        """;

    private Html When() => $"""
        {(measured.Cluster is { } cluster ? $"Cluster {cluster} · " : "")}<time datetime="{Iso(measured.Started)}">{Time(measured.Started)}</time>
        · {Duration(measured.Duration)} · {Number(measured.Rate)} requests a second
        """;

    private Html Figures()
    {
        var nines = measured.Nines is { } some ? $"{Number(some)} nines" : measured.Requests > 0 ? "no request failed" : "no request was due";
        var notSent = measured.NotSent > 0 ? $", {Count(measured.NotSent)} not sent" : "";
        return $"""
            <dl class="figures">
            {Figure("Availability", Percent(measured.Availability), nines)}
            {Figure("Failed", Count(measured.Failed), $"of {Count(measured.Requests, "request")}{notSent}")}
            {Figure("Outages", Count(measured.OutageCount), measured.Mtbf is { } between ? $"MTBF {Duration(between)}" : "")}
            {Figure("Mean recovery", measured.Mttr is { } mean ? Duration(mean) : "–", "MTTR")}
            {Figure("p99 latency", Latency(measured.Latency?.P99), $"median {Latency(measured.Latency?.P50)}")}
            </dl>
            """;

        static Html Figure(string name, string value, string detail) => $"<div><dt>{name}</dt><dd>{value}<small>{detail}</small></dd></div>";
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
            At(outage.Started), $"{Duration(outage.Duration)}{(outage.Ended is null ? ", not ended" : "")}", $"{Count(outage.Failed)}", $"{outage.Reason}",
            $"{(outage.Faults.Length == 0 ? "none" : Join(outage.Faults))}", $"{outage.Endpoint ?? "all"}",
        ]));

    private Html Faults() => HtmlTable.Of("Faults", ["#No.", "Fault", "#Start", "#Active for", "#Recovery"],
        measured.Faults.Select((fault, index) => (IEnumerable<Html>)
        [
            $"{index + 1}", $"{fault.ToString()}{(fault.Detail.Length > 0 ? $", {fault.Detail}" : "")}", At(fault.Started), $"{Active(fault)}",
            $"{(fault.Recovery is { } recovery ? Duration(recovery) : "not measured")}",
        ]));

    private static string Active(KlFault fault) => fault.State == FaultState.Unknown ? "unknown"
        : (fault.Ended ?? fault.Ends) - fault.Started is var length && length <= TimeSpan.Zero ? "instant"
        : Duration(length) + (fault.Ended is null ? ", not ended" : "");

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

    private Html Environment() => HtmlTable.Of("What ran", ["Name", "Value"],
        measured.Environment.Select(one => (IEnumerable<Html>)[$"{one.Key}", $"<pre>{one.Value}</pre>"]));

    // The time after the start, and the time of day.
    private Html At(DateTimeOffset time) =>
        $"""<time datetime="{Iso(time)}">{Offset(time - measured.Started, tenths: true)}<small>{time.ToString("HH:mm:ss", Invariant)}</small></time>""";

    private static string Iso(DateTimeOffset time) => time.ToString("O", Invariant);

    private static string Number(double number) => number.ToString("#,0.#", Invariant);
}
