using System.Globalization;
using KubeLab.Engine.Reliability.Checkers;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The operations of a counterexample as SVG: a bar for each, from its call to its answer, with the faults.</summary>
/// <remarks>The distance between two events is always the same, so that operations of milliseconds are readable beside those of seconds. Their times are in
/// the text.</remarks>
internal sealed class CounterexamplePlot
{
    private const double RowHeight = 40, Left = 2, Width = 94;
    private const int MaxText = 40;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly KlAnomaly _anomaly;
    private readonly bool _hasTimes;
    private readonly string _id;
    private readonly long[] _events;
    private readonly List<(KlFault Fault, long From, long To)> _faults;

    /// <param name="anomaly">The counterexample.</param>
    /// <param name="hasTimes">Whether the operations have times.</param>
    /// <param name="faults">The faults.</param>
    /// <param name="started">The start of the history.</param>
    /// <param name="id">The identifier of the plot in the page.</param>
    public CounterexamplePlot(KlAnomaly anomaly, bool hasTimes, IEnumerable<KlFault> faults, DateTimeOffset started, string id)
    {
        (_anomaly, _hasTimes, _id) = (anomaly, hasTimes, id);
        _events = [.. anomaly.Operations.SelectMany(one => (long?[])[one.Start, one.End]).OfType<long>().Distinct().Order()];
        _faults = [.. from fault in faults
                      let @from = Nanoseconds(fault.Started - started)
                      let to = Nanoseconds((fault.Ended ?? fault.Ends) - started)
                      where to >= _events[0] && @from <= _events[^1]
                      select (fault, @from, to)];
    }

    private double Top => _faults.Count * 22 + 6;

    private double Bottom => Top + _anomaly.Operations.Length * RowHeight;

    public Html Svg() => $"""
        <svg class="plot" role="img" aria-labelledby="{_id}-title {_id}-desc" width="100%" height="{Bottom + 26}">
        <title id="{_id}-title">Counterexample: {_anomaly.Name}</title>
        <desc id="{_id}-desc">{_anomaly.Message}</desc>
        <g class="axis">
        {_events.Select(Line)}
        {Label(_events[0], "start")}
        {(_events.Length > 1 ? Label(_events[^1], "end") : null)}
        </g>
        <g class="faults">
        {_faults.Select(Band)}
        </g>
        {_anomaly.Operations.Select(Row)}
        </svg>
        """;

    private Html Line(long time) => $"""<line class="grid" x1="{X(time)}%" x2="{X(time)}%" y1="{Top}" y2="{Bottom}"/>""";

    private Html Label(long time, string side) => $"""<text class="x {side}" x="{X(time)}%" y="{Bottom + 18}">{Text(time)}</text>""";

    private Html Band((KlFault Fault, long From, long To) one, int index)
    {
        var (from, to) = (X(one.From), X(one.To));
        return $"""
            <rect class="fault" x="{from}%" width="{to - from}%" y="{index * 22}" height="{Bottom - index * 22}"/>
            <text class="{(from < 50 ? "start" : "end")}" x="{(from < 50 ? from : to)}%" y="{index * 22 + 16}">{one.Fault.Kind.ToString()}</text>
            """;
    }

    private Html Row(KlOperation operation, int index)
    {
        var (y, from) = (Top + index * RowHeight, X(operation.Start));
        var to = operation.End is { } end ? X(end) : 100;
        var more = $" process {operation.Process}, {Text(operation.Start)}{(operation.End is { } answer ? $" to {Text(answer)}" : "")}";
        return $"""
            <text class="start" x="0" y="{y + 15}">{Short(OperationText.Done(operation))}<tspan class="wide quiet">{more}</tspan></text>
            <rect class="{operation.Outcome.ToString().ToLowerInvariant()}" x="{from}%" width="{Math.Max(to - from, 0.4)}%" y="{y + 21}" height="12"/>
            """;
    }

    // Between two events, time is linear.
    private double X(long time)
    {
        var next = Array.BinarySearch(_events, time);
        if (next >= 0)
            return Position(next);
        next = ~next;
        return next == 0 ? 0 : next == _events.Length ? 100
            : Position(next - 1 + (double)(time - _events[next - 1]) / (_events[next] - _events[next - 1]));
    }

    private double Position(double index) => _events.Length == 1 ? Left : Left + Width * index / (_events.Length - 1);

    private string Text(long time) => _hasTimes ? string.Create(Invariant, $"{time / 1e9:0.000} s") : string.Create(Invariant, $"operation {time}");

    private static string Short(string text) => text.Length <= MaxText ? text : text[..(MaxText - 1)] + "…";

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
