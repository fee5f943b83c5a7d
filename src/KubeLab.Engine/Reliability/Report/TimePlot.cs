using System.Globalization;
using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>A plot over the time of a measurement: a row for each fault, whose band crosses all curves, and one time axis.</summary>
internal abstract class TimePlot(DateTimeOffset started, TimeSpan duration, IReadOnlyList<KlFault> faults)
{
    protected const double TitleHeight = 34;

    private const double RowHeight = 22;

    private static readonly double[] TickSeconds =
        [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

    /// <summary>The upper end of the first curve.</summary>
    protected double Top => faults.Count * RowHeight + TitleHeight;

    /// <summary>The lower end of the last curve.</summary>
    protected abstract double Bottom { get; }

    /// <summary>A time as a horizontal position in percent.</summary>
    protected double X(DateTimeOffset time) => duration <= TimeSpan.Zero ? 0 : Math.Clamp((time - started) / duration, 0, 1) * 100;

    protected Html Axis() => $"""
        <g class="axis">
        {Ticks().Select(Tick)}
        </g>
        <g class="faults">
        {faults.Select(Band)}
        </g>
        """;

    protected string Description(string verdict) => $"{verdict} "
        + string.Concat(faults.Select((fault, i) => $"Fault {i + 1}: {fault}, from {Offset(fault.Started - started)}. "))
        + "The tables below contain the numbers.";

    protected static Html Curve(string kind, IEnumerable<string> path) => $"""<path class="{kind}" d="{string.Concat(path)}"/>""";

    /// <summary>A box in a path.</summary>
    protected string Box(DateTimeOffset start, TimeSpan length, double bottom, double top) => string.Create(CultureInfo.InvariantCulture,
        $"M{X(start) * 10:0.#} {bottom:0.#}V{top:0.#}H{X(start + length) * 10:0.#}V{bottom:0.#}Z");

    protected static Html Title(double top, string title, string key, IEnumerable<string> curves)
    {
        Html Entry(string kind) => $"""<tspan class="{kind}" dx="12">{key}</tspan><tspan class="label" dx="4">{kind}</tspan>""";
        return $"""<text class="title" x="0" y="{top - 11}">{title}{curves.Select(Entry)}</text>""";
    }

    protected static Html Stretched(double top, double height, IEnumerable<Html> curves) => $"""
        <svg x="0" y="{top}" width="100%" height="{height}" viewBox="0 0 1000 {height}" preserveAspectRatio="none">
        {curves}
        </svg>
        """;

    /// <summary>A name that is not longer than its place.</summary>
    protected static string Short(string name) => name.Length <= 48 ? name : name[..47] + "…";

    private IEnumerable<double> Ticks()
    {
        var seconds = duration.TotalSeconds;
        var step = TickSeconds.FirstOrDefault(one => seconds / one <= 6, Math.Ceiling(seconds / 6 / 86400) * 86400);
        for (var i = 0; i * step <= seconds; i++)
            yield return i * step;
    }

    private Html Tick(double seconds)
    {
        var x = X(started.AddSeconds(seconds));
        var label = duration.TotalSeconds < 10 ? Duration(TimeSpan.FromSeconds(seconds)) : Offset(TimeSpan.FromSeconds(seconds));
        return $"""
            <line class="grid" x1="{x}%" x2="{x}%" y1="{Top}" y2="{Bottom}"/>
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
            <text class="{side}" x="{x}%" dx="{gap}" y="{y + 16}">{index + 1} {fault.Kind.ToString()}<tspan
            class="wide"> of {Short(fault.Target)}</tspan></text>
            """;
    }
}
