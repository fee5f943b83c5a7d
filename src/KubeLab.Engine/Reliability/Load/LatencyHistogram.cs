using HdrHistogram;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Latencies in a bounded amount of memory.</summary>
/// <param name="digits">The precision in decimal digits: 3 takes 190 KB, 2 takes 25 KB.</param>
internal sealed class LatencyHistogram(int digits)
{
    // Microseconds.
    private static readonly long Highest = (long)TimeSpan.FromHours(1).TotalMicroseconds;
    private readonly LongHistogram _values = new(Highest, digits);

    public void Add(TimeSpan latency) => _values.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 0, Highest));

    public void Add(LatencyHistogram other) => _values.Add(other._values);

    public void Clear() => _values.Reset();

    /// <summary>A percentile in milliseconds, or null without values.</summary>
    public double? At(double percentile) => _values.TotalCount == 0 ? null : _values.GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>The percentiles, or null without values.</summary>
    public KlLatency? Summary() => _values.TotalCount == 0 ? null
        : new(At(50)!.Value, At(90)!.Value, At(99)!.Value, At(99.9)!.Value, At(99.99)!.Value, At(100)!.Value);
}
