using System.Globalization;
using static KubeLab.Engine.Reliability.Report.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The timeline as SVG: a row for each fault, requests a second, and latency, above one time axis.</summary>
/// <remarks>Horizontal positions are percentages and text has the size of the page's text, so that the plot is readable at any width. Curves are in nested
/// SVG elements that are stretched. Colors come from the style sheet, which follows the light or dark theme.</remarks>
internal sealed class TimelinePlot(KlAvailability measured, string id)
{
    private const double RowHeight = 22;
    private const double RateHeight = 150;
    private const double LatencyHeight = 170;
    private const double TitleHeight = 34;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly double[] TickSeconds =
        [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

    private readonly KlFault[] _faults = measured.Faults;

    private double RateTop => _faults.Length * RowHeight + TitleHeight;

    private double LatencyTop => RateTop + RateHeight + TitleHeight;

    private double Bottom => LatencyTop + LatencyHeight;

    public Html Svg() => $"""
        <svg class="plot" role="img" aria-labelledby="{id}-title {id}-desc" width="100%" height="{Bottom + 26}">
        <title id="{id}-title">Requests, failures and latency over time, with the faults</title>
        <desc id="{id}-desc">{Description()}</desc>
        <g class="axis">
        {Ticks().Select(Tick)}
        </g>
        <g class="faults">
        {_faults.Select(Band)}
        </g>
        {Rates()}
        {Latencies()}
        <g class="outages">
        {measured.Outages.Select(Outage)}
        </g>
        <g class="points">
        {measured.Timeline.Select(Point)}
        </g>
        </svg>
        """;

    private string Description() => $"{ReportVerdict.Of(measured)} "
        + string.Concat(_faults.Select((fault, i) => $"Fault {i + 1}: {fault}, from {Offset(fault.Started - measured.Started)}. "))
        + "The tables below contain the numbers.";

    private double X(DateTimeOffset time) => measured.Duration <= TimeSpan.Zero ? 0 : Math.Clamp((time - measured.Started) / measured.Duration, 0, 1) * 100;

    private TimeSpan Length(KlTimelinePoint point)
    {
        var left = measured.Started + measured.Duration - point.Start;
        return left > TimeSpan.Zero && left < measured.Interval ? left : measured.Interval;
    }

    private IEnumerable<double> Ticks()
    {
        var seconds = measured.Duration.TotalSeconds;
        var step = TickSeconds.FirstOrDefault(one => seconds / one <= 6, Math.Ceiling(seconds / 6 / 86400) * 86400);
        for (var i = 0; i * step <= seconds; i++)
            yield return i * step;
    }

    private Html Tick(double seconds)
    {
        var x = X(measured.Started.AddSeconds(seconds));
        var label = measured.Duration.TotalSeconds < 10 ? Duration(TimeSpan.FromSeconds(seconds)) : Offset(TimeSpan.FromSeconds(seconds));
        return $"""
            <line class="grid" x1="{x}%" x2="{x}%" y1="{RateTop}" y2="{Bottom}"/>
            <text class="x{(x > 99 ? " end" : "")}" x="{x}%" y="{Bottom + 18}">{label}</text>
            """;
    }

    private Html Band(KlFault fault, int index)
    {
        var end = fault.Ended ?? fault.Ends;
        var (from, to, recovered, y) = (X(fault.Started), X(end), X(end + (fault.Recovery ?? TimeSpan.Zero)), index * RowHeight);
        var (side, x, gap) = from < 50 ? ("start", from, 5) : ("end", to, -5);
        return $"""
            <rect class="fault" x="{from}%" width="{to - from}%" y="{y}" height="{Bottom - y}"/>
            <rect class="recovery" x="{to}%" width="{recovered - to}%" y="{y}" height="{Bottom - y}"/>
            <line class="fault" x1="{from}%" x2="{from}%" y1="{y}" y2="{Bottom}"/>
            <text class="{side}" x="{x}%" dx="{gap}" y="{y + 16}">{index + 1} {Kind(fault)}<tspan class="wide"> of {Short(fault.Target)}</tspan></text>
            """;
    }

    private static string Kind(KlFault fault) => fault.Kind.ToString();

    private static string Short(string name) => name.Length <= 48 ? name : name[..47] + "…";

    private Html Outage(KlOutage outage)
    {
        var x = X(outage.Started);
        return $"""<rect class="outage" x="{x}%" width="{X(outage.Started + outage.Duration) - x}%" y="{RateTop - 7}" height="4"/>""";
    }

    private Html Point(KlTimelinePoint point)
    {
        var x = X(point.Start);
        var text = $"{Offset(point.Start - measured.Started)}: {Count(point.Requests, "request")}, {Count(point.Failed)} failed"
            + (point.P50 is null ? "" : $"; p50 {Latency(point.P50)}, p99 {Latency(point.P99)}, max {Latency(point.Max)}");
        return $"""<rect x="{x}%" width="{X(point.Start + Length(point)) - x}%" y="{RateTop}" height="{Bottom - RateTop}"><title>{text}</title></rect>""";
    }

    private Html Rates()
    {
        var bars = measured.Timeline.Select(point =>
            (Point: point, Due: PerSecond(point, point.Requests), Succeeded: PerSecond(point, point.Requests - point.Failed))).ToList();
        var most = bars.Select(bar => bar.Due).Where(due => due > 0).DefaultIfEmpty(1).Max();
        var step = Step(most / 3);
        var steps = Math.Max(1, (int)Math.Ceiling(most / step - 1e-6));
        double Y(double rate) => (1 - Math.Clamp(rate / (steps * step), 0, 1)) * RateHeight;
        return $"""
            {Title(RateTop, "Requests a second", "■", ["succeeded", "failed"])}
            <g class="axis">
            {Enumerable.Range(0, steps + 1).Select(i => Grid(RateTop + Y(i * step), (i * step).ToString("0.###", Invariant)))}
            </g>
            {Stretched(RateTop, RateHeight, [
                Curve("succeeded", bars.Where(bar => bar.Succeeded > 0).Select(bar => Box(bar.Point, RateHeight, Y(bar.Succeeded)))),
                Curve("failed", bars.Where(bar => bar.Due > bar.Succeeded).Select(bar => Box(bar.Point, Y(bar.Succeeded), Y(bar.Due))))])}
            """;
    }

    private Html Latencies()
    {
        var seen = measured.Timeline.SelectMany(point => (double?[])[point.P50, point.P99, point.Max]).OfType<double>()
            .Where(one => one is > 0 and < 1e12).ToList();
        var low = seen.Count == 0 ? 0 : (int)Math.Floor(Math.Log10(seen.Min()));
        var high = seen.Count == 0 ? 3 : Math.Max(low + 1, (int)Math.Ceiling(Math.Log10(seen.Max()) - 1e-9));
        double Y(double milliseconds) => (1 - Math.Clamp((Math.Log10(Math.Max(milliseconds, 1e-9)) - low) / (high - low), 0, 1)) * LatencyHeight;
        return $"""
            {Title(LatencyTop, "Latency, log scale", "—", ["p50", "p99", "max"])}
            <g class="axis">
            {Enumerable.Range(low, high - low + 1).Select(power => Grid(LatencyTop + Y(Math.Pow(10, power)), Latency(Math.Pow(10, power))))}
            </g>
            {Stretched(LatencyTop, LatencyHeight, [
                Curve("max", Steps(point => point.Max, Y)), Curve("p99", Steps(point => point.P99, Y)), Curve("p50", Steps(point => point.P50, Y))])}
            """;
    }

    // A step for each interval. The curve is interrupted where no request succeeded.
    private IEnumerable<string> Steps(Func<KlTimelinePoint, double?> value, Func<double, double> y)
    {
        var command = 'M';
        foreach (var point in measured.Timeline)
            if (value(point) is not { } milliseconds || !double.IsFinite(milliseconds))
                command = 'M';
            else
            {
                yield return string.Create(Invariant, $"{command}{Left(point):0.#} {y(milliseconds):0.#}H{Right(point):0.#}");
                command = 'L';
            }
    }

    private string Box(KlTimelinePoint point, double bottom, double top) =>
        string.Create(Invariant, $"M{Left(point):0.#} {bottom:0.#}V{top:0.#}H{Right(point):0.#}V{bottom:0.#}Z");

    private double Left(KlTimelinePoint point) => X(point.Start) * 10;

    private double Right(KlTimelinePoint point) => X(point.Start + Length(point)) * 10;

    private double PerSecond(KlTimelinePoint point, long count) => Length(point).TotalSeconds is > 0 and var seconds ? count / seconds : 0;

    // A step between gridlines that is easy to read: 1, 2, 2.5 or 5 times a power of ten.
    private static double Step(double atLeast)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(atLeast, 0.01))));
        return ((double[])[1, 2, 2.5, 5, 10]).First(one => one * power >= atLeast - 1e-9) * power;
    }

    private static Html Grid(double y, string label) =>
        $"""<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/><text x="-8" y="{y + 4}" class="y">{label}</text>""";

    private static Html Curve(string kind, IEnumerable<string> path) => $"""<path class="{kind}" d="{string.Concat(path)}"/>""";

    private static Html Title(double top, string title, string key, IEnumerable<string> curves)
    {
        Html Entry(string kind) => $"""<tspan class="{kind}" dx="12">{key}</tspan><tspan class="label" dx="4">{kind}</tspan>""";
        return $"""<text class="title" x="0" y="{top - 11}">{title}{curves.Select(Entry)}</text>""";
    }

    private static Html Stretched(double top, double height, IEnumerable<Html> curves) => $"""
        <svg x="0" y="{top}" width="100%" height="{height}" viewBox="0 0 1000 {height}" preserveAspectRatio="none">
        {curves}
        </svg>
        """;
}
