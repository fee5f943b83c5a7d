using System.Globalization;
using System.Xml.Linq;
using KubeLab.Engine.Reliability;
using KubeLab.Engine.Reliability.Report;

namespace KubeLab.Tests.Reliability;

/// <summary>The HTML report, parsed as XML. <see cref="ReportInBrowserTests"/> shows it in a browser.</summary>
public sealed class HtmlReportTests
{
    private const string Sample = "web answered 94.2 % of 3,600 requests (95 % confidence interval 93.4 % to 95.0 %).";
    private static readonly XNamespace Xhtml = "http://www.w3.org/1999/xhtml";

    [Fact]
    public void The_page_contains_no_script_and_refers_to_no_other_file()
    {
        var page = Page(SampleMeasurement.Create(), SampleMeasurement.Healthy());
        Assert.Empty(page.Descendants(Xhtml + "script"));
        var attributes = page.Descendants().Attributes().Where(one => !one.IsNamespaceDeclaration).ToList();
        Assert.DoesNotContain(attributes, one => one.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || one.Name == "src" || one.Name == "style");
        Assert.All(attributes.Where(one => one.Name == "href"), link => Assert.StartsWith("#r", link.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("url(", page.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page.ToString(), StringComparison.OrdinalIgnoreCase);
        var policy = Assert.Single(attributes, one => one.Name == "content" && one.Value.Contains("-src", StringComparison.Ordinal));
        Assert.StartsWith("default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-", policy.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_plot_has_a_title_and_a_description_and_every_table_has_headers()
    {
        var page = Page(SampleMeasurement.Create(), SampleMeasurement.Create("other"));
        var ids = page.Descendants().Attributes("id").ToDictionary(id => id.Value, id => id.Parent!.Value);
        var plots = page.Descendants(Xhtml + "svg").Where(svg => svg.Attribute("role") is not null).ToList();
        Assert.Equal(2, plots.Count);
        Assert.All(plots.SelectMany(plot => plot.Attribute("aria-labelledby")!.Value.Split(' ')), id => Assert.NotEmpty(ids[id]));
        Assert.All(page.Descendants(Xhtml + "table"), table =>
        {
            Assert.NotNull(table.Element(Xhtml + "caption"));
            Assert.All(table.Descendants(Xhtml + "th"), header => Assert.NotNull(header.Attribute("scope")));
            Assert.Single(table.Descendants(Xhtml + "tr").Select(row => row.Elements().Count()).Distinct());
        });
    }

    public static TheoryData<string> HostileNames =>
    [
        "</svg><script>alert(1)</script>", "</title></style><img src=x onerror=alert(1)>", "\" onload=\"alert(1)", "' onload='alert(1)", "<!--", "]]>",
        "&lt;b&gt;", "&#x0;", "\0\u0001\e[31m\u007f\u009b", "\ud800 \udc00", "\ufffe\uffff", "\u202egnp.exe", "a\r\nb\tc", "{{7*7}} $(id) ${x}", "名前 🐧",
    ];

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void Text_from_outside_never_becomes_markup(string name)
    {
        var (harmless, hostile) = (Page(WithName("x")), Page(WithName(name)));
        Assert.Equal(harmless.Descendants().Select(Shape), hostile.Descendants().Select(Shape));
        Assert.All(hostile.Descendants(Xhtml + "h1").Concat(hostile.Descendants(Xhtml + "pre")), shown =>
            Assert.Contains(Html.Clean(name).Replace("\r\n", "\n", StringComparison.Ordinal), shown.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(hostile.ToString(), one => char.IsControl(one) && one is not ('\n' or '\t'));

        static string Shape(XElement element) => $"{element.Name} {string.Join(' ', element.Attributes().Select(attribute => attribute.Name))}";
    }

    public static TheoryData<string, string> Verdicts => new()
    {
        { "sample", $"{Sample} The longest outage was 12.4 s, during NodeCrash of kubernetes-3." },
        { "healthy", "api answered 100 % of 3,600 requests (95 % confidence interval 99.89 % to 100 %). There was no outage." },
        { "empty", "none: no request was due, so the availability is unknown." },
        { "after", $"{Sample} The longest outage was 2.1 s, after ContainerKill of default/database-0." },
        { "lasting", $"{Sample} The longest outage had not ended after 12.4 s, during NodeCrash of kubernetes-3." },
        { "without", $"{Sample} The longest outage was 12.4 s, while no fault was active." },
        {
            "one", "web answered 99.99972 % of 360,000 requests (95 % confidence interval 99.9984 % to 100 %). "
                + "The longest outage was 25 ms, while no fault was active."
        },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void The_verdict_is_in_plain_words(string kind, string expected)
    {
        var sample = SampleMeasurement.Create();
        var measured = kind switch
        {
            "healthy" => SampleMeasurement.Healthy(),
            "empty" => SampleMeasurement.Empty(),
            "after" => sample with { Outages = [sample.Outages[0]] },
            "lasting" => sample with { Outages = [sample.Outages[1] with { Ended = null }] },
            "without" => sample with { Outages = [sample.Outages[1] with { Faults = [] }] },
            "one" => sample with
            {
                Requests = 360_000,
                Succeeded = 359_999,
                Failed = 1,
                Availability = 359_999.0 / 360_000,
                AvailabilityLow = 0.99998426,
                AvailabilityHigh = 0.99999951,
                Outages = [sample.Outages[0] with { Duration = TimeSpan.FromMilliseconds(25), Faults = [] }],
            },
            _ => sample,
        };
        Assert.Equal(expected, ReportVerdict.Of(measured));
        Assert.Equal(expected, Assert.Single(Page(measured).Descendants(), one => (string?)one.Attribute("class") == "verdict").Value);
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.42, "0.4 ms")]
    [InlineData(9.96, "10 ms")]
    [InlineData(419.6, "420 ms")]
    [InlineData(999.6, "1 s")]
    [InlineData(12_400, "12.4 s")]
    [InlineData(59_960, "1 min")]
    [InlineData(125_000, "2 min 5 s")]
    [InlineData(3_599_600, "1 h")]
    [InlineData(3_780_000, "1 h 3 min")]
    [InlineData(360_000_000, "100 h")]
    public void A_duration_is_readable(double milliseconds, string expected) =>
        Assert.Equal(expected, ReportText.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.5, "50.0 %")]
    [InlineData(0.9449, "94.4 %")]
    [InlineData(0.99, "99.0 %")]
    [InlineData(0.9999, "99.99 %")]
    [InlineData(0.999999999, "99.9999999 %")]
    [InlineData(0.9999999999999, "99.99999999 %")]
    [InlineData(1, "100 %")]
    [InlineData(double.NaN, "unknown")]
    public void A_share_is_rounded_down_and_keeps_its_nines(double share, string expected) => Assert.Equal(expected, ReportText.Percent(share));

    [Fact]
    public void The_report_does_not_depend_on_the_culture()
    {
        var expected = Render(SampleMeasurement.Create());
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" } };
        try
        {
            Assert.Equal(expected, Render(SampleMeasurement.Create()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Several_measurements_have_an_overview_with_links()
    {
        var page = Page(SampleMeasurement.Create(), SampleMeasurement.Healthy(), SampleMeasurement.Empty());
        var overview = page.Descendants(Xhtml + "table").First();
        Assert.Equal(["#r1", "#r2", "#r3"], overview.Descendants(Xhtml + "a").Select(link => link.Attribute("href")!.Value));
        Assert.Equal(["r1", "r2", "r3"], page.Descendants(Xhtml + "section").Select(section => section.Attribute("id")!.Value));
        Assert.Equal(
            [
                "web94.2 %93.4 % to 95.0 %3,600208212.4 s1.2 s✗ failed", "api100 %99.89 % to 100 %3,60000–12 ms✓ passed",
                "noneunknownunknown000––✗ failed",
            ],
            overview.Descendants(Xhtml + "tr").Skip(1).Select(row => string.Concat(row.Elements().Select(cell => cell.Value))));
    }

    [Fact]
    public void Databases_have_one_table_with_what_each_gives_up()
    {
        var page = Page(SampleDatabaseTest.Create(), SampleDatabaseTest.Healthy(), SampleMeasurement.Create());
        Assert.Equal("Consistency and Availability of 3 measurements", page.Descendants(Xhtml + "h1").Single().Value);
        var tables = page.Descendants(Xhtml + "table").ToLookup(table => table.Element(Xhtml + "caption")!.Value);
        Assert.Equal(
            [
                "db|MariaDB, Asynchronous|no|strong-read-committed|1|23 s|–|100 % of reads, 0 % of writes|unknown|read of key \"x\" at 12.0 s by process 0 "
                    + "returned 1, but write of key \"x\" 2 at 2.03 s by process 2 was complete before it, and nothing wrote the value after that.|✗ failed",
                "db|MariaDB, Asynchronous|not tested|–|0|–|–|–|unknown|–|✓ passed",
            ],
            Rows(tables["Databases"].Single()));
        Assert.Equal("web", Rows(tables["Overview"].Single()).Single().Split('|')[0]);

        static IEnumerable<string> Rows(XElement table) =>
            table.Descendants(Xhtml + "tr").Skip(1).Select(row => string.Join('|', row.Elements().Select(cell => cell.Value.Replace('\u00a0', ' '))));
    }

    [Fact]
    public void A_counterexample_shows_its_operations_and_the_faults_at_their_times()
    {
        var page = Page(SampleDatabaseTest.Create());
        var plot = page.Descendants(Xhtml + "svg").Single(svg => (string?)svg.Attribute("aria-labelledby") == "r1-c1-title r1-c1-desc");
        Assert.Contains("read of key", plot.Value, StringComparison.Ordinal);
        Assert.Contains("NetworkPartition", plot.Value, StringComparison.Ordinal);
        Assert.Single(plot.Descendants(Xhtml + "rect"), rect => (string?)rect.Attribute("class") == "fault");
    }

    public static TheoryData<string> OddMeasurements => [.. Odd.Keys];

    private static Dictionary<string, Func<KlAvailability, KlAvailability>> Odd { get; } = new()
    {
        ["no requests"] = _ => SampleMeasurement.Empty(),
        ["no interval"] = sample => sample with { Interval = TimeSpan.Zero },
        ["no length"] = sample => sample with { Duration = TimeSpan.Zero },
        ["one interval"] = sample => sample with { Timeline = [.. sample.Timeline.Take(1)] },
        ["only failures"] = sample => sample with { Timeline = [new(sample.Started, 40, 40, null, null, null)], Latency = null },
        ["no numbers"] = sample => sample with { Rate = double.NaN, Timeline = [new(sample.Started, 4, 0, double.NaN, double.PositiveInfinity, -1)] },
        ["nothing due"] = sample => sample with { Timeline = [new(sample.Started, 0, 0, null, null, null)] },
        ["a year"] = sample => sample with { Duration = TimeSpan.FromDays(365), Interval = TimeSpan.FromDays(1) },
        ["a tenth of a second"] = sample => sample with { Duration = TimeSpan.FromSeconds(0.1), Interval = TimeSpan.FromMilliseconds(1) },
        ["faults before the start"] = sample => sample with { Started = sample.Started.AddMinutes(1) },
        ["faults that last"] = sample => sample with
        {
            Faults = [.. sample.Faults.Select(fault => fault with { Ended = null, Recovery = null, State = FaultState.Unknown })],
        },
    };

    [Theory]
    [MemberData(nameof(OddMeasurements))]
    public void Odd_measurements_are_drawn_inside_the_plot(string kind)
    {
        var page = Page(Odd[kind](SampleMeasurement.Create()));
        foreach (var (name, value) in page.Descendants(Xhtml + "svg").DescendantsAndSelf().Attributes().Select(one => (one.Name.LocalName, one.Value)))
        {
            Assert.DoesNotMatch("NaN|∞|Infinity", value);
            if (name is "x" or "width" or "x1" or "x2" && value.EndsWith('%'))
                Assert.InRange(double.Parse(value.TrimEnd('%'), CultureInfo.InvariantCulture), -8, 100);
            if (name is "height")
                Assert.InRange(double.Parse(value, CultureInfo.InvariantCulture), 0, 2000);
        }
        Assert.InRange(page.Descendants(Xhtml + "text").Count(text => ((string?)text.Attribute("class"))?.StartsWith('x') == true), 0, 8);
    }

    private static KlAvailability WithName(string name)
    {
        var sample = SampleMeasurement.Create(name);
        return sample with
        {
            Cluster = name,
            Reasons = new Dictionary<string, long> { [name] = 1 },
            Environment = new Dictionary<string, string> { [name] = name },
            Outages = [sample.Outages[0] with { Reason = name, Endpoint = name, Faults = [name] }],
            Faults = [sample.Faults[0] with { Target = name, Detail = name }],
            Phases = [sample.Phases[0] with { Name = name }],
            Endpoints = [sample.Endpoints[0] with { Name = name }],
        };
    }

    private static string Render(params IKlMeasurement[] measured) => HtmlReport.Render([.. measured.Select(ReportEntry.Of)],
        new(MinimumAvailability: 0.999, MaximumLatency: TimeSpan.FromSeconds(2), MaximumLost: 0));

    private static XDocument Page(params IKlMeasurement[] measured) => XDocument.Parse(Render(measured), LoadOptions.PreserveWhitespace);
}
