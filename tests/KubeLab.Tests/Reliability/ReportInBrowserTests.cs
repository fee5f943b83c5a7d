using KubeLab.Engine.Reliability.Report;
using KubeLab.Tests.Images;

namespace KubeLab.Tests.Reliability;

/// <summary>The HTML report in a real browser. The pictures are in TestResults.</summary>
public sealed class ReportInBrowserTests(Chromium browser) : IClassFixture<Chromium>, IDisposable
{
    // Text that is shown, with its rectangle.
    private const string Texts = """
        (root => [...document.querySelectorAll(root)].filter(one => one.checkVisibility()).map(one => {
            const box = one.getBoundingClientRect();
            return { text: one.textContent, x: box.left, y: box.top, width: box.width, height: box.height };
        }))
        """;

    // The contrast of each text, and of each filled or stroked shape, with the color behind it (WCAG 2: relative luminance).
    private const string Contrasts = """
        (() => {
            const rgb = color => color.match(/[\d.]+/g).map(Number);
            const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
            const background = one => {
                for (; one; one = one.parentElement) {
                    const color = rgb(getComputedStyle(one).backgroundColor);
                    if (color[3] !== 0) return color;
                }
                return [255, 255, 255];
            };
            const contrast = (color, one) => {
                const [high, low] = [luminance(rgb(color)), luminance(background(one))].sort((a, b) => b - a);
                return (high + .05) / (low + .05);
            };
            const hasText = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
            const texts = [...document.querySelectorAll('main *')].filter(one => hasText(one) && one.checkVisibility() && !/^(title|desc)$/.test(one.tagName));
            const lines = [...document.querySelectorAll('.plot path:not(.succeeded, .failed, .answered, .unanswered), .plot line.fault')];
            return [
                ...texts.map(one => ({ text: one.textContent, color: getComputedStyle(one)[one.closest('svg') ? 'fill' : 'color'], least: 4.5, one })),
                ...lines.map(one => ({ text: one.getAttribute('class'), color: getComputedStyle(one).stroke, least: 3, one })),
            ].map(({ text, color, least, one }) => ({ text, least, value: contrast(color, one) }));
        })()
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TheoryWith("chromium")]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task The_report_fits_the_page_and_is_readable(int width, bool isDark)
    {
        var page = await ShowAsync(width, isDark, SampleMeasurement.Create());
        await page.SaveAsync($"report-{width}-{(isDark ? "dark" : "light")}.png");

        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 300, width);
        await CheckTextsAsync(page, width);
        foreach (var kind in (string[])["rect.fault", "rect.recovery", "rect.outage", "path.succeeded", "path.failed", "path.p50", "path.p99", "path.max"])
            Assert.Contains(await page.EvaluateAsync<Box[]>($"{Texts}('.plot {kind}')"),
                box => box.Width > 1 && box.Height > 1 && box.X >= 0 && box.X + box.Width <= width);
        var contrasts = await page.EvaluateAsync<Contrast[]>(Contrasts);
        Assert.True(contrasts.Length > 100, $"{contrasts.Length} contrasts");
        Assert.DoesNotContain(contrasts, one => one.Value < one.Least);
        Assert.Empty(page.Console);
    }

    [TheoryWith("chromium")]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    public async Task The_report_of_a_database_fits_the_page_and_is_readable(int width, bool isDark)
    {
        var page = await ShowAsync(width, isDark, SampleDatabaseTest.Create(), SampleDatabaseTest.Healthy());
        await page.SaveAsync($"report-database-{width}-{(isDark ? "dark" : "light")}.png");

        if (width == 1280)
            Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth).length"));
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 300, width);
        await CheckTextsAsync(page, width);
        foreach (var kind in (string[])["rect.fault", "rect.ok", "rect.unknown", "path.answered", "path.unanswered"])
            Assert.Contains(await page.EvaluateAsync<Box[]>($"{Texts}('.plot {kind}')"),
                box => box.Width > 1 && box.Height > 1 && box.X >= 0 && box.X + box.Width <= width);
        Assert.DoesNotContain(await page.EvaluateAsync<Contrast[]>(Contrasts), one => one.Value < one.Least);
        Assert.Empty(page.Console);
    }

    [TheoryWith("chromium")]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Faults_and_failures_are_at_their_times(int width)
    {
        var page = await ShowAsync(width, false, SampleMeasurement.Create());
        var labels = await page.EvaluateAsync<Box[]>($"{Texts}('.plot .x')");
        Assert.Equal(["0:00", "0:15", "0:30", "0:45", "1:00", "1:15", "1:30"], labels.Select(one => one.Text));
        // The last label ends at its line, the others are centered.
        var (start, end) = (labels[0].X + labels[0].Width / 2, labels[^1].X + labels[^1].Width);
        double At(double seconds) => start + (end - start) * seconds / 90;

        await AssertSpansAsync("rect.fault", (12, 12), (30, 50), (60, 75));
        await AssertSpansAsync("rect.recovery", (12, 15.4), (50, 59.2), (75, 75.8));
        await AssertSpansAsync("rect.outage", (12.2, 14.3), (30.5, 42.9));
        await AssertSpansAsync("path.failed", (12, 43));
        await AssertSpansAsync("path.p50", (0, 90));
        var plot = Assert.Single(await page.EvaluateAsync<Box[]>($"{Texts}('svg.plot')"));
        Assert.All(await page.EvaluateAsync<Box[]>($"{Texts}('.plot rect.fault')"),
            box => Assert.InRange(box.Y + box.Height, plot.Y + 300, plot.Y + plot.Height));

        async Task AssertSpansAsync(string kind, params (double From, double To)[] spans)
        {
            var boxes = await page.EvaluateAsync<Box[]>($"{Texts}('.plot {kind}')");
            Assert.Equal(spans.Length, boxes.Length);
            foreach (var (box, (from, to)) in boxes.Zip(spans))
            {
                Assert.Equal(At(from), box.X, tolerance: 1.5);
                Assert.Equal(At(to), box.X + box.Width, tolerance: 1.5);
            }
        }
    }

    [TheoryWith("chromium")]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Hostile_and_long_names_neither_run_nor_widen_the_page(int width)
    {
        var sample = SampleMeasurement.Create("</title></svg><script>console.log('x')</script><img src='http://example.invalid/x'>");
        var name = $"{sample.Name} {new string('x', 300)}";
        var page = await ShowAsync(width, false, SampleMeasurement.Healthy(), SampleMeasurement.Empty(), sample with
        {
            Cluster = name,
            Environment = new Dictionary<string, string> { [name] = name },
            Faults = [.. sample.Faults.Select(fault => fault with { Target = name })],
            Outages = [sample.Outages[0] with { Endpoint = name, Reason = name, Faults = [name] }],
            Phases = [sample.Phases[0] with { Name = name }],
        });
        await page.SaveAsync($"report-many-{width}.png");
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 300, width);
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('script, img').length"));
        Assert.Empty(page.Console);
    }

    [FactWith("chromium")]
    public async Task Even_injected_markup_cannot_run_or_load_anything()
    {
        const string Injected = """
            <main><script>document.title = 'ran'</script><img src="x.png" onerror="document.title = 'ran'"/><p id="p" style="color: red"></p>
            """;
        var html = HtmlReport.Render([ReportEntry.Of(SampleMeasurement.Create())], new());
        var page = await LoadAsync(html.Replace("<main>", Injected, StringComparison.Ordinal), 1280, false);
        Assert.Equal("Availability of web", await page.EvaluateAsync<string>("document.title"));
        Assert.NotEqual("rgb(255, 0, 0)", await page.EvaluateAsync<string>("getComputedStyle(document.getElementById('p')).color"));
        Assert.True(page.Console.Count >= 3, string.Join('\n', page.Console));
    }

    [FactWith("chromium")]
    public async Task A_print_is_light_even_if_the_screen_is_dark()
    {
        var page = await LoadAsync(HtmlReport.Render([ReportEntry.Of(SampleMeasurement.Create())], new()), 1280, isDark: true, media: "print");
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.DoesNotContain(await page.EvaluateAsync<Contrast[]>(Contrasts), one => one.Value < one.Least);
    }

    private static async Task CheckTextsAsync(ChromiumPage page, int width)
    {
        var texts = await page.EvaluateAsync<Box[]>($"{Texts}('.plot text')");
        Assert.True(texts.Length > 15, $"{texts.Length} texts");
        foreach (var text in texts)
        {
            Assert.True(text.X >= 0 && text.X + text.Width <= width, $"{text} is outside the page.");
            Assert.True(text.Height >= 12, $"{text} is too small.");
            Assert.DoesNotContain(texts, other => !ReferenceEquals(other, text) && other.Overlaps(text));
        }
    }

    private Task<ChromiumPage> ShowAsync(int width, bool isDark, params IKlMeasurement[] measured) => LoadAsync(
        HtmlReport.Render([.. measured.Select(ReportEntry.Of)], new(0.9, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), true, 0)), width, isDark);

    private async Task<ChromiumPage> LoadAsync(string html, int width, bool isDark, string media = "screen")
    {
        var file = Path.Combine(_folder.Path, "report.html");
        await File.WriteAllTextAsync(file, html);
        var page = await browser.OpenAsync(width, isDark, media);
        await page.LoadAsync(file);
        return page;
    }

    private sealed record Box(string Text, double X, double Y, double Width, double Height)
    {
        public bool Overlaps(Box other) => X < other.X + other.Width && other.X < X + Width && Y + 2 < other.Y + other.Height && other.Y + 2 < Y + Height;
    }

    private sealed record Contrast(string Text, double Value, double Least);
}
