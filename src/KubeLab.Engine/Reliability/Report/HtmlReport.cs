using System.Security.Cryptography;
using System.Text;
using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Measurements as one HTML file that needs no other file and no script. It is also well-formed XML.</summary>
internal static class HtmlReport
{
    private static readonly string Style = ReadStyle();

    // A second line of defense: even if markup were injected, it could neither run scripts nor load anything.
    private static readonly string Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    public static string Render(IReadOnlyList<ReportEntry> entries, ReportThresholds thresholds)
    {
        var subject = string.Join(" and ", entries.Select(one => one.Kind == "availability" ? "Availability" : "Consistency").Distinct());
        var title = entries.Count == 1 ? $"{subject} of {entries[0].Measurement.Name}" : $"{subject} of {Count(entries.Count, "measurement")}";
        Html page = $"""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="{Policy}"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="generator" content="KubeLab {typeof(HtmlReport).Assembly.GetName().Version?.ToString(3)}"/>
            <title>{title}</title>
            <style>{Html.Markup(Style)}</style>
            </head>
            <body>
            <main>
            <h1>{title}</h1>
            {(entries.Count > 1 ? Overviews(entries, thresholds) : [])}
            {entries.Select((one, index) => Section(one, thresholds, $"r{index + 1}", hasHeading: entries.Count > 1))}
            </main>
            </body>
            </html>

            """;
        return page.ToString();
    }

    private static Html Section(ReportEntry entry, ReportThresholds thresholds, string id, bool hasHeading) => $"""
        <section id="{id}">
        {(hasHeading ? (Html)$"<h2>{entry.Measurement.Name}</h2>" : null)}
        {entry.When}
        <p class="verdict">{entry.Verdict}</p>
        {HtmlParts.Checks([.. entry.Check(thresholds)])}
        {entry.Section(id)}
        {HtmlTable.Of("What ran", ["Name", "Value"], entry.Environment.Select(one => (IEnumerable<Html>)[$"{one.Key}", $"<pre>{one.Value}</pre>"]))}
        </section>
        """;

    // A table for each kind of measurement.
    private static IEnumerable<Html> Overviews(IReadOnlyList<ReportEntry> entries, ReportThresholds thresholds)
    {
        var rows = entries.Select((one, index) => (one.Measurement, Name: Link(one, index), Checks: Passed(one))).ToList();
        yield return Table<KlAvailability>("Overview", ["Measurement", "Availability", "95 % interval", "#Requests", "#Failed", "#Outages", "#Longest outage",
            "#p99"], AvailabilityHtml.Row);
        yield return Table<KlDatabaseTest>("Databases", DatabaseHtml.Columns, DatabaseHtml.Row);
        yield return Table<KlConsistency>("Histories", ConsistencyHtml.Columns, ConsistencyHtml.Row);

        Html Table<T>(string caption, string[] columns, Func<T, IEnumerable<Html>> cells) => HtmlTable.Of(caption,
            thresholds.IsEmpty ? columns : [.. columns, "=Checks"],
            rows.Where(row => row.Measurement is T).Select(row => (IEnumerable<Html>)[row.Name, .. cells((T)row.Measurement), .. row.Checks]));
        static Html Link(ReportEntry one, int index) => $"""<a href="#r{index + 1}">{one.Measurement.Name}</a>""";
        Html[] Passed(ReportEntry one) => thresholds.IsEmpty ? []
            : [one.Check(thresholds).ToList() is { Count: > 0 } checks ? HtmlParts.Badge(checks.TrueForAll(check => check.Passed)) : (Html)$"–"];
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
