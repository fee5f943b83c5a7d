namespace KubeLab.Engine.Reliability.Load;

/// <summary>Counts requests by phase: before, during and after faults. Memory depends on the number of faults only.</summary>
/// <param name="faults">Returns the faults so far.</param>
/// <param name="started">The start of the measurement.</param>
internal sealed class PhaseRecorder(Func<IReadOnlyList<KlFault>> faults, DateTimeOffset started)
{
    // The times of faults become known a little later than they are. Until then, requests are held back.
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(1);

    private const int Digits = 2;
    private readonly Queue<Sample> _held = new();
    private readonly SortedDictionary<DateTimeOffset, RequestCount> _segments = [];
    private TimeSpan _read;

    /// <summary>Adds a request, in the order of appointed times.</summary>
    public void Add(in Sample sample)
    {
        _held.Enqueue(sample);
        if (sample.Due - _read < ReadInterval)
            return;
        _read = sample.Due;
        Assign(sample.Due - Lag);
    }

    /// <summary>The phases, or none without faults.</summary>
    /// <param name="end">The end of the measurement.</param>
    public KlAvailabilityPart[] Phases(DateTimeOffset end)
    {
        Assign(TimeSpan.MaxValue);
        var windows = Windows().Where(window => window.From < end).ToList();
        var parts = new List<KlAvailabilityPart>();
        var covered = started;
        foreach (var window in windows)
        {
            var (from, to) = (window.From > started ? window.From : started, window.To < end ? window.To : end);
            if (from > covered)
                parts.Add(Part(parts.Count == 0 ? "Before" : "Between", covered, from));
            parts.Add(Part(window.Fault.ToString(), from, to));
            covered = to > covered ? to : covered;
        }
        if (windows.Count > 0 && covered < end)
            parts.Add(Part("After", covered, end));
        return [.. parts];
    }

    /// <summary>The requests that failed in the phase of a fault. Call <see cref="Phases"/> first.</summary>
    public long FailedIn(FaultWindow window) => Segments(window.From, window.To).Sum(count => count.Failed);

    private KlAvailabilityPart Part(string name, DateTimeOffset from, DateTimeOffset to)
    {
        var sum = new RequestCount(Digits);
        foreach (var count in Segments(from, to))
            sum.Add(count);
        return sum.Part(name, from, to);
    }

    private IEnumerable<RequestCount> Segments(DateTimeOffset from, DateTimeOffset to) =>
        _segments.Where(segment => segment.Key >= from && segment.Key < to).Select(segment => segment.Value);

    // A segment lies between two starts or ends of phases, and begins at its key.
    private void Assign(TimeSpan until)
    {
        var starts = Windows().SelectMany(window => new[] { window.From, window.To }).Where(time => time > started).Append(started).Order().ToList();
        for (var at = 0; _held.TryPeek(out var sample) && sample.Due <= until; _held.Dequeue())
        {
            while (at + 1 < starts.Count && starts[at + 1] <= started + sample.Due)
                at++;
            if (!_segments.TryGetValue(starts[at], out var count))
                _segments[starts[at]] = count = new(Digits);
            count.Add(sample);
        }
    }

    private IEnumerable<FaultWindow> Windows() => faults().Select(fault => new FaultWindow(fault)).Where(window => window.To > started);
}
