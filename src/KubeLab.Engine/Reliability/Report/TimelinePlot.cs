using System.Globalization;
using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The timeline as SVG: a row for each fault, requests a second, and latency, above one time axis.</summary>
/// <remarks>Horizontal positions are percentages and text has the size of the page's text, so that the plot is readable at any width. Curves are in nested
/// SVG elements that are stretched. Colors come from the style sheet, which follows the light or dark theme.</remarks>
internal sealed class TimelinePlot(KlAvailability measured, string id) : TimePlot(measured.Started, measured.Duration, measured.Faults)
{
    private const double RateHeight = 150;
    private const double LatencyHeight = 170;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private double RateTop => Top;

    private double LatencyTop => RateTop + RateHeight + TitleHeight;

    protected override double Bottom => LatencyTop + LatencyHeight;

    public Html Svg() => $"""
        <svg class="plot" role="img" aria-labelledby="{id}-title {id}-desc" width="100%" height="{Bottom + 26}">
        <title id="{id}-title">Requests, failures and latency over time, with the faults</title>
        <desc id="{id}-desc">{Description(ReportVerdict.Of(measured))}</desc>
        {Axis()}
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

    private TimeSpan Length(KlTimelinePoint point)
    {
        var left = measured.Started + measured.Duration - point.Start;
        return left > TimeSpan.Zero && left < measured.Interval ? left : measured.Interval;
    }

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

    private string Box(KlTimelinePoint point, double bottom, double top) => Box(point.Start, Length(point), bottom, top);

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
}
