using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The operations of each member over time as SVG, with the faults.</summary>
internal sealed class DatabasePlot(KlDatabaseTest test, string id) : TimePlot(test.Started, test.Duration, test.Faults)
{
    private const double RowHeight = 44;

    protected override double Bottom => Top + test.Members.Length * (RowHeight + TitleHeight) - TitleHeight;

    public Html Svg() => $"""
        <svg class="plot" role="img" aria-labelledby="{id}-title {id}-desc" width="100%" height="{Bottom + 26}">
        <title id="{id}-title">Operations of each member over time, with the faults</title>
        <desc id="{id}-desc">{Description(ReportVerdict.Of(test))}</desc>
        {Axis()}
        {test.Members.Select(Row)}
        </svg>
        """;

    private Html Row(string member, int index)
    {
        var points = test.Timeline.Where(point => point.Member == member).ToList();
        var (top, most) = (Top + index * (RowHeight + TitleHeight), test.Timeline.Max(point => point.Operations));
        double Y(int operations) => (1 - (double)operations / most) * RowHeight;
        return $"""
            {Title(top, Short(member), "■", ["answered", "unanswered"])}
            {Stretched(top, RowHeight, [
                Curve("answered", points.Where(point => point.Answered > 0)
                    .Select(point => Box(point.Start, test.Interval, RowHeight, Y(point.Answered)))),
                Curve("unanswered", points.Where(point => point.Operations > point.Answered)
                    .Select(point => Box(point.Start, test.Interval, Y(point.Answered), Y(point.Operations))))])}
            <g class="points">
            {points.Select(point => Point(point, top))}
            </g>
            """;
    }

    private Html Point(KlDatabasePoint point, double top)
    {
        var x = X(point.Start);
        return $"""
            <rect x="{x}%" width="{X(point.Start + test.Interval) - x}%" y="{top}" height="{RowHeight}">
            <title>{Offset(point.Start - test.Started)}: {Count(point.Answered)} of {Count(point.Operations, "operation")} answered</title>
            </rect>
            """;
    }
}
