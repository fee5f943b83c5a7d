using System.Globalization;
using System.Xml.Linq;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Measurements as JUnit XML: a suite for each measurement, a test case for each threshold.</summary>
internal static class JUnitReport
{
    public static string Render(IReadOnlyList<ReportEntry> entries, ReportThresholds thresholds)
    {
        var suites = entries.Select(one => Suite(one, [.. one.Check(thresholds)])).ToList();
        return $"""<?xml version="1.0" encoding="utf-8"?>{"\n"}""" + new XElement("testsuites", new XAttribute("name", "KubeLab"),
            Sum("tests"), Sum("failures"), new XAttribute("errors", 0),
            new XAttribute("time", Seconds(entries.Sum(one => one.Duration.TotalSeconds))), suites) + "\n";

        XAttribute Sum(string name) => new(name, suites.Sum(suite => (int)suite.Attribute(name)!));
    }

    private static XElement Suite(ReportEntry entry, IReadOnlyList<ReportCheck> checks) => new("testsuite",
        Text("name", entry.Measurement.Name), new XAttribute("tests", checks.Count), new XAttribute("failures", checks.Count(check => !check.Passed)),
        new XAttribute("errors", 0), new XAttribute("skipped", 0), new XAttribute("time", Seconds(entry.Duration.TotalSeconds)),
        new XAttribute("timestamp", entry.Started.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)),
        new XElement("properties", entry.Environment.Select(one => new XElement("property", Text("name", one.Key), Text("value", one.Value)))),
        checks.Select(check => new XElement("testcase",
            Text("classname", entry.Measurement.Name), Text("name", check.Name), new XAttribute("time", Seconds(entry.Duration.TotalSeconds)),
            check.Passed ? null : new XElement("failure", Text("message", check.Message), Text("type", check.Id), Html.Clean(entry.Verdict)))),
        new XElement("system-out", Html.Clean(entry.Verdict)));

    private static XAttribute Text(string name, string value) => new(name, Html.Clean(value));

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);
}
