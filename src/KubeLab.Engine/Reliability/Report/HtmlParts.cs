using System.Globalization;
using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>What measurements of all kinds have in the HTML report.</summary>
internal static class HtmlParts
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Passed or failed.</summary>
    public static Html Badge(bool passed) => $"""<strong class="{(passed ? "passed" : "missed")}">{(passed ? "✓ passed" : "✗ failed")}</strong>""";

    /// <summary>The results of checks as a list.</summary>
    public static Html Checks(IReadOnlyList<ReportCheck> checks) => checks.Count == 0 ? (Html)$"" : $"""
        <ul class="checks">
        {checks.Select(check => (Html)$"<li>{Badge(check.Passed)} {check.Name}. {check.Message}</li>")}
        </ul>
        """;

    /// <summary>The cluster, the start, the length and more.</summary>
    public static Html When(string? cluster, DateTimeOffset started, TimeSpan duration, string more) => $"""
        <p class="when">{(cluster is null ? "" : $"Cluster {cluster} · ")}<time datetime="{Iso(started)}">{Time(started)}</time>
        · {Duration(duration)} · {more}</p>
        """;

    /// <summary>One of the large numbers.</summary>
    public static Html Figure(string name, string value, string detail) => $"<div><dt>{name}</dt><dd>{value}<small>{detail}</small></dd></div>";

    /// <summary>The faults as a table.</summary>
    public static Html Faults(IEnumerable<KlFault> faults, DateTimeOffset started) =>
        HtmlTable.Of("Faults", ["#No.", "Fault", "#Start", "#Active for", "#Recovery"], faults.Select((fault, index) => (IEnumerable<Html>)
        [
            $"{index + 1}", $"{fault.ToString()}{(fault.Detail.Length > 0 ? $", {fault.Detail}" : "")}", At(fault.Started, started), $"{Active(fault)}",
            $"{(fault.Recovery is { } recovery ? Duration(recovery) : "not measured")}",
        ]));

    /// <summary>The time after the start, and the time of day.</summary>
    public static Html At(DateTimeOffset time, DateTimeOffset started) =>
        $"""<time datetime="{Iso(time)}">{Offset(time - started, tenths: true)}<small>{time.ToString("HH:mm:ss", Invariant)}</small></time>""";

    /// <summary>A number with at most one decimal place.</summary>
    public static string Number(double number) => number.ToString("#,0.#", Invariant);

    private static string Active(KlFault fault) => fault.State == FaultState.Unknown ? "unknown"
        : (fault.Ended ?? fault.Ends) - fault.Started is var length && length <= TimeSpan.Zero ? "instant"
        : Duration(length) + (fault.Ended is null ? ", not ended" : "");

    private static string Iso(DateTimeOffset time) => time.ToString("O", Invariant);
}
