using System.Text.Json;
using System.Xml.Linq;
using System.Xml.Schema;
using KubeLab.Engine.Reliability.Report;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

/// <summary>The reports for programs: JSON and JUnit.</summary>
public sealed class ReportFormatTests
{
    private static readonly ReportThresholds Strict = new(0.999, TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500));

    [Fact]
    public void A_measurement_survives_JSON()
    {
        KlAvailability[] measured = [SampleMeasurement.Create("\ud800</script>\0名"), SampleMeasurement.Healthy(), SampleMeasurement.Empty()];
        var json = JsonReport.Render(Entries(measured), Strict);
        var results = JsonDocument.Parse(json).RootElement.GetProperty("results");
        for (var i = 0; i < measured.Length; i++)
            Assert.Equivalent(measured[i] with { Name = measured[i].Name.Replace('\ud800', '\ufffd') },
                results[i].GetProperty("measurement").Deserialize<KlAvailability>(JsonReport.Options), strict: true);
    }

    [Fact]
    public void JSON_names_the_units_and_has_a_version()
    {
        var root = JsonDocument.Parse(JsonReport.Render(Entries(SampleMeasurement.Create(), SampleMeasurement.Empty()), Strict)).RootElement;
        var measured = root.GetProperty("results")[0].GetProperty("measurement");
        Assert.Equal(("kubelab-report", 1), (root.GetProperty("format").GetString(), root.GetProperty("version").GetInt32()));
        Assert.Equal(5, root.GetProperty("thresholds").GetProperty("maximumOutageSeconds").GetDouble());
        Assert.Equal("2026-11-26T20:03:12+01:00", measured.GetProperty("started").GetString());
        Assert.Equal(90, measured.GetProperty("durationSeconds").GetDouble());
        Assert.Equal(7.25, measured.GetProperty("mttrSeconds").GetDouble());
        Assert.Equal(1180, measured.GetProperty("latency").GetProperty("p99Milliseconds").GetDouble());
        Assert.Equal("NodeCrash", measured.GetProperty("faults")[1].GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, measured.GetProperty("timeline")[13].GetProperty("p50Milliseconds").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("results")[1].GetProperty("measurement").GetProperty("availability").ValueKind);
        var checks = root.GetProperty("results")[0].GetProperty("checks").EnumerateArray();
        Assert.Equal([false, false, false], checks.Select(one => one.GetProperty("passed").GetBoolean()));
    }

    public static TheoryData<double, double, double, string> Thresholds => new()
    {
        { 0.94, 12.4, 1.18, "" },
        { 0.943, 12.4, 1.18, "Availability: The availability is 94.2 %." },
        { 0.94, 12.3, 1.18, "Outage: The longest outage was 12.4 s, during NodeCrash of kubernetes-3." },
        { 0.94, 12.4, 1.1, "Latency: The p99 latency is 1.2 s." },
    };

    [Theory]
    [MemberData(nameof(Thresholds))]
    public void JUnit_has_a_test_for_each_threshold(double availability, double outage, double latency, string failure)
    {
        var suites = JUnit([SampleMeasurement.Create()], new(availability, TimeSpan.FromSeconds(outage), TimeSpan.FromSeconds(latency)));
        Assert.Equal(3, suites.Descendants("testcase").Count());
        var failures = suites.Descendants("failure").ToList();
        Assert.Equal(failure, string.Join('\n', failures.Select(one => $"{one.Attribute("type")!.Value}: {one.Attribute("message")!.Value}")));
        Assert.Equal(("3", $"{failures.Count}"), (suites.Attribute("tests")!.Value, suites.Attribute("failures")!.Value));
    }

    [Fact]
    public void The_test_of_a_database_in_JSON_has_its_verdicts_and_operations()
    {
        var root = JsonDocument.Parse(JsonReport.Render(Entries(SampleDatabaseTest.Create()), new())).RootElement;
        var result = root.GetProperty("results")[0];
        var measured = result.GetProperty("measurement");
        Assert.Equal("database", result.GetProperty("kind").GetString());
        Assert.Equal(("False", 1), (measured.GetProperty("linearizable").GetString(), measured.GetProperty("lost").GetInt32()));
        Assert.Equal(22.99, measured.GetProperty("stalestReadSeconds").GetDouble(), 3);
        var operation = measured.GetProperty("workloads")[0].GetProperty("anomalies")[0].GetProperty("operations")[0];
        Assert.Equal(("write", 2_030_000_000L), (operation.GetProperty("function").GetString(), operation.GetProperty("startNanoseconds").GetInt64()));
        Assert.Equal(3, measured.GetProperty("timeline").EnumerateArray().Select(one => one.GetProperty("member").GetString()).Distinct().Count());
    }

    [Fact]
    public void JUnit_has_a_test_for_each_workload_and_threshold_of_a_database()
    {
        IKlMeasurement[] measured = [SampleDatabaseTest.Create(), SampleDatabaseTest.Healthy(), SampleDatabaseTest.Unknown()];
        var suites = JUnit(measured, new(MinimumAvailability: 0.9, Consistent: true, MaximumLost: 0, MaximumStaleness: TimeSpan.FromSeconds(9)));
        Assert.Equal(
            [
                "db: Consistency Consistency Consistency Lost Staleness of 5", "db:  of 3", "db: Consistency Lost Staleness of 3",
            ],
            suites.Elements("testsuite").Select(suite => $"{suite.Attribute("name")!.Value}: "
                + $"{string.Join(' ', suite.Descendants("failure").Select(one => one.Attribute("type")!.Value))} of {suite.Attribute("tests")!.Value}"));
        Assert.Contains("1 of 3 acknowledged writes was lost.", suites.Descendants("failure").Select(one => one.Attribute("message")!.Value));
    }

    [Fact]
    public void JUnit_has_a_suite_for_each_measurement_and_nothing_measured_is_not_a_success()
    {
        var suites = JUnit([SampleMeasurement.Create("\0<web>"), SampleMeasurement.Healthy(), SampleMeasurement.Empty()], Strict);
        Assert.Equal(["^@<web>: 3", "api: 0", "none: 3"],
            suites.Elements("testsuite").Select(one => $"{one.Attribute("name")!.Value}: {one.Attribute("failures")!.Value}"));
        Assert.Equal("2026-11-26T19:03:12", suites.Element("testsuite")!.Attribute("timestamp")!.Value);
        Assert.Equal("180", suites.Attribute("time")!.Value);
    }

    private static ReportEntry[] Entries(params IKlMeasurement[] measured) => [.. measured.Select(ReportEntry.Of)];

    private static XElement JUnit(IReadOnlyList<IKlMeasurement> measured, ReportThresholds thresholds)
    {
        var document = XDocument.Parse(JUnitReport.Render(Entries([.. measured]), thresholds));
        var schemas = new XmlSchemaSet();
        schemas.Add(null, Path.Combine(Repository.Root, "tests", "KubeLab.Tests", "Reliability", "JUnit.xsd"));
        document.Validate(schemas, (_, problem) => Assert.Fail(problem.Message));
        return document.Root!;
    }
}
