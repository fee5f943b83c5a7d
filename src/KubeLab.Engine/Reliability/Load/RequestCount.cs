namespace KubeLab.Engine.Reliability.Load;

/// <summary>Counts requests and their latencies.</summary>
/// <param name="digits">The precision of latencies.</param>
internal sealed class RequestCount(int digits)
{
    private LatencyHistogram? _latencies;

    public long Requests { get; private set; }

    public long Failed { get; private set; }

    /// <summary>The latencies of the successful requests, or null if there were none.</summary>
    public KlLatency? Latency => _latencies?.Summary();

    public double? At(double percentile) => _latencies?.At(percentile);

    public void Add(in Sample sample)
    {
        Requests++;
        if (sample.IsFailed)
            Failed++;
        else
            (_latencies ??= new(digits)).Add(sample.Latency);
    }

    public void Add(RequestCount other)
    {
        Requests += other.Requests;
        Failed += other.Failed;
        if (other._latencies is { } latencies)
            (_latencies ??= new(digits)).Add(latencies);
    }

    public KlAvailabilityPart Part(string name, DateTimeOffset from, DateTimeOffset to) =>
        new() { Name = name, Started = from, Ended = to, Requests = Requests, Failed = Failed, Latency = Latency };
}
