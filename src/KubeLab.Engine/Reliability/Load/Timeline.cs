namespace KubeLab.Engine.Reliability.Load;

/// <summary>Counts requests by interval. When there are too many intervals, their length doubles, so that memory is bounded.</summary>
/// <param name="interval">The first length of an interval.</param>
internal sealed class Timeline(TimeSpan interval)
{
    /// <summary>The maximum number of intervals.</summary>
    public const int MaxPoints = 480;

    private const int Digits = 2;
    private const int MinRequests = 10;
    private const int UsualPoints = 240;
    private static readonly double[] Lengths = [0.1, 0.2, 0.5, 1];
    private List<RequestCount> _counts = [];

    /// <summary>The length of an interval.</summary>
    public TimeSpan Interval { get; private set; } = interval;

    /// <summary>A timeline for an expected duration: short intervals, but not without several requests each.</summary>
    public static Timeline For(LoadOptions options) => new(TimeSpan.FromSeconds(
        Lengths.FirstOrDefault(length => options.Duration.TotalSeconds / length <= UsualPoints && options.Rate * length >= MinRequests, Lengths[^1])));

    public void Add(in Sample sample)
    {
        int at;
        while ((at = (int)(sample.Due / Interval)) >= MaxPoints)
            Double();
        while (_counts.Count <= at)
            _counts.Add(new(Digits));
        _counts[at].Add(sample);
    }

    public KlTimelinePoint[] Points(DateTimeOffset started) => [.. _counts.Select((count, at) =>
        new KlTimelinePoint(started + at * Interval, count.Requests, count.Failed, count.At(50), count.At(99), count.At(100)))];

    private void Double()
    {
        Interval *= 2;
        _counts = [.. _counts.Chunk(2).Select(pair =>
        {
            foreach (var other in pair.Skip(1))
                pair[0].Add(other);
            return pair[0];
        })];
    }
}
