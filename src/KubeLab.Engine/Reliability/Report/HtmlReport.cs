using System.Security.Cryptography;
using System.Text;
using static KubeLab.Engine.Reliability.Report.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Measurements as one HTML file that needs no other file and no script. It is also well-formed XML.</summary>
internal static class HtmlReport
{
    private static readonly string Style = ReadStyle();

    // A second line of defense: even if markup were injected, it could neither run scripts nor load anything.
    private static readonly string Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    public static string Render(IReadOnlyList<KlAvailability> measured, ReportThresholds thresholds)
    {
        var title = measured.Count == 1 ? $"Availability of {measured[0].Name}" : $"Availability of {Count(measured.Count, "measurement")}";
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
            {(measured.Count > 1 ? Overview(measured, thresholds) : null)}
            {measured.Select((one, index) => new HtmlResult(one, thresholds, $"r{index + 1}").Section(hasHeading: measured.Count > 1))}
            </main>
            </body>
            </html>

            """;
        return page.ToString();
    }

    private static Html Overview(IReadOnlyList<KlAvailability> measured, ReportThresholds thresholds)
    {
        string[] columns = ["Measurement", "Availability", "95 % interval", "#Requests", "#Failed", "#Outages", "#Longest outage", "#p99"];
        return HtmlTable.Of("Overview", thresholds.IsEmpty ? columns : [.. columns, "Checks"], measured.Select(Row));

        IEnumerable<Html> Row(KlAvailability one, int index)
        {
            yield return $"""<a href="#r{index + 1}">{one.Name}</a>""";
            yield return $"{Percent(one.Availability)}";
            yield return $"{Interval(one.AvailabilityLow, one.AvailabilityHigh)}";
            yield return $"{Count(one.Requests)}";
            yield return $"{Count(one.Failed)}";
            yield return $"{Count(one.OutageCount)}";
            yield return $"{(one.Outages.Length == 0 ? "–" : Duration(one.Outages.Max(outage => outage.Duration)))}";
            yield return $"{Latency(one.Latency?.P99)}";
            if (!thresholds.IsEmpty)
                yield return HtmlResult.Badge(thresholds.Check(one).All(check => check.Passed));
        }
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
