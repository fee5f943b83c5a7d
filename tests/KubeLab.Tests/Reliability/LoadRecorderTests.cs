using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Tests.Reliability;

public sealed class LoadRecorderTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly FaultJournal _journal = new();
    private readonly List<KlRequest> _requests = [];

    [Fact]
    public void Requests_are_summed_up()
    {
        // 10 a second for 100 s, latency 1 to 1000 ms; every tenth request of the second endpoint fails.
        var result = Record(1000, 100, index => (index % 20 == 1 ? "Reset" : null, index + 1), endpoints: 2);

        Assert.Equal((1000, 950, 50, 0), (result.Requests, result.Succeeded, result.Failed, result.NotSent));
        Assert.Equal(0.95, result.Availability);
        Assert.Equal(AvailabilityMath.Interval(950, 1000), (result.AvailabilityLow, result.AvailabilityHigh));
        Assert.Equal([500L, 500], result.Endpoints.Select(endpoint => endpoint.Requests));
        Assert.Equal([0L, 50], result.Endpoints.Select(endpoint => endpoint.Failed));
        Assert.Equal(("Reset", 50L), Assert.Single(result.Reasons) is var reason ? (reason.Key, reason.Value) : default);
        Assert.All([(500, result.Latency!.P50), (900, result.Latency.P90), (990, result.Latency.P99), (1000, result.Latency.Max)],
            one => Assert.InRange(one.Item2, one.Item1 * 0.99, one.Item1 * 1.01));
        Assert.Equal(50, result.OutageCount);
        Assert.Equal(TimeSpan.FromSeconds(0.2), result.Mttr);
        Assert.Empty(result.Phases);
        Assert.Null(result.Prediction);
    }

    [Fact]
    public void The_order_of_completion_does_not_matter()
    {
        static (string?, double) Result(long index) => (index is > 40 and < 60 ? "TimedOut" : null, 1);
        var (inOrder, shuffled) = (Record(100, 10, Result), Record(100, 10, Result, index => index < 88 ? index ^ 7 : index));

        Assert.Equal(inOrder.Outages.Select(outage => (outage.Started, outage.Ended, outage.Failed)),
            shuffled.Outages.Select(outage => (outage.Started, outage.Ended, outage.Failed)));
        Assert.Equal(inOrder.Timeline, shuffled.Timeline);
        Assert.Equal(_requests.Take(100), _requests.Skip(100));
        Assert.Equal(_requests.Take(100).OrderBy(request => request.Time), _requests.Take(100));
    }

    [Fact]
    public void Requests_and_outages_belong_to_faults()
    {
        Set(FaultKind.ContainerKill, 20, 20, recovery: 5);
        Set(FaultKind.NodeCrash, 30, 50, recovery: 10);
        Set(FaultKind.PodKill, 80, 80);
        // Failures: 21 to 23 s (kill), 40 to 45 s (crash), 88 to 89 s (shortly after the second kill), 10 to 11 s (none).
        var result = Record(1000, 100, index => (index is >= 100 and < 110 or >= 210 and < 230 or >= 400 and < 450 or >= 880 and < 890 ? "Refused" : null, 1));

        Assert.Equal(["", "ContainerKill of web", "NodeCrash of web", "PodKill of web"], result.Outages.Select(outage => string.Join(", ", outage.Faults)));
        Assert.Equal([
            "Before 0-20: 10 of 200", "ContainerKill of web 20-25: 20 of 50", "Between 25-30: 0 of 50", "NodeCrash of web 30-60: 50 of 300",
            "Between 60-80: 0 of 200", "PodKill of web 80-90: 10 of 100", "After 90-100: 0 of 100"],
            result.Phases.Select(Text));
        Assert.Equal(3, result.Faults.Length);
    }

    [Theory]
    [InlineData(25, 0, 0, 30, 20, "")] // before the fault
    [InlineData(29.5, 0, 0, 30, 20, "NodeCrash of web")] // the exact start is not known
    [InlineData(55, 0, 0, 30, 20, "NodeCrash of web")] // shortly after
    [InlineData(61, 0, 0, 30, 20, "")]
    [InlineData(61, 12, 0, 30, 20, "NodeCrash of web")] // while its target recovers
    [InlineData(45, 0, 44, 30, 20, "NodeCrash of web, PodKill of web")] // two are active
    [InlineData(55, 1, 55.1, 30, 20, "PodKill of web")] // one is active, the target of the other one has recovered
    [InlineData(55, 1, 0, 30, 20, "NodeCrash of web")] // shortly after its target recovered
    public void An_outage_is_explained_by_active_faults_or_by_recent_ones(double at, double recovery, double kill, double start, double length, string faults)
    {
        Set(FaultKind.NodeCrash, start, start + length, recovery > 0 ? recovery : null);
        if (kill > 0)
            Set(FaultKind.PodKill, kill, kill);
        var result = Record(1000, 100, index => (index == (long)(at * 10) || index == (long)(at * 10) + 1 ? "Refused" : null, 1));

        Assert.Equal(faults, string.Join(", ", Assert.Single(result.Outages).Faults));
    }

    [Fact]
    public void A_fault_that_becomes_known_late_has_an_exact_phase()
    {
        var recorder = Recorder(100, out var options);
        for (long index = 0; index < 1000; index++)
        {
            // The journal learns of the crash two seconds after it took effect, and of the recovery when the target is healthy.
            if (index == 320)
                Set(FaultKind.NodeCrash, 30, 40, ends: 60);
            if (index == 700)
                Set(FaultKind.NodeCrash, 30, 40, recovery: 30);
            recorder.Add(new(index, options.DueAt(index), 0, TimeSpan.Zero, new(index is >= 300 and < 310 ? "Reset" : null)));
        }
        Assert.Equal(["Before 0-30: 0 of 300", "NodeCrash of web 30-70: 10 of 400", "After 70-100: 0 of 300"],
            recorder.Result(options.Duration).Phases.Select(Text));
    }

    [Fact]
    public void A_prediction_uses_the_failed_requests_of_each_fault()
    {
        Set(FaultKind.NodeCrash, 20, 30, recovery: 0);
        Set(FaultKind.NodeCrash, 50, 60, recovery: 0, id: "second");
        var recorder = Recorder(100, out var options, new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12 });
        for (long index = 0; index < 1000; index++)
            recorder.Add(new(index, options.DueAt(index), 0, TimeSpan.Zero, new(index is >= 200 and < 260 ? "Reset" : null)));

        var impact = Assert.Single(recorder.Result(options.Duration).Prediction!.Faults);
        Assert.Equal((FaultKind.NodeCrash, 2, TimeSpan.FromSeconds(3), 12.0), (impact.Kind, impact.Measured, impact.Mttr, impact.FailuresPerYear));
    }

    [Theory]
    [InlineData(10, 100, 0.1, 100)]
    [InlineData(90, 40, 0.5, 180)]
    [InlineData(90, 2, 1, 90)]
    [InlineData(3600, 10, 8, 450)]
    public void The_timeline_has_a_bounded_number_of_points(int seconds, double rate, double interval, int points)
    {
        var options = new LoadOptions { Rate = rate, Duration = TimeSpan.FromSeconds(seconds) };
        var (timeline, count) = (Timeline.For(options), (long)(seconds * rate));
        for (long index = 0; index < count; index++)
            timeline.Add(new(index, options.DueAt(index), 0, TimeSpan.FromMilliseconds(5), new(index % 2 == 1 ? "Reset" : null)));

        var all = timeline.Points(Start);
        Assert.Equal((TimeSpan.FromSeconds(interval), points), (timeline.Interval, all.Length));
        Assert.Equal(Enumerable.Range(0, points).Select(at => (Start + at * timeline.Interval, (long)(rate * interval), (long)(rate * interval / 2))),
            all.Select(point => (point.Start, point.Requests, point.Failed)));
        Assert.All(all, point => Assert.InRange(point.P99!.Value, 4.95, 5.05));
    }

    [Fact]
    public void Without_requests_nothing_is_known()
    {
        var result = Record(0, 10, _ => (null, 1));

        Assert.Equal((0, 1, 0), (result.AvailabilityLow, result.AvailabilityHigh, result.Requests));
        Assert.Null(result.Latency);
    }

    private static string Text(KlAvailabilityPart part) => FormattableString.Invariant(
        $"{part.Name} {(part.Started - Start).TotalSeconds}-{(part.Ended - Start).TotalSeconds}: {part.Failed} of {part.Requests}");

    private void Set(FaultKind kind, double started, double ended, double? recovery = null, double? ends = null, string id = "") => _journal.Set(new()
    {
        Id = $"{kind}{id}",
        Kind = kind,
        Target = "web",
        Started = Start.AddSeconds(started),
        Ends = Start.AddSeconds(ends ?? ended),
        Ended = ends is null ? Start.AddSeconds(ended) : null,
        Recovery = recovery is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        State = ends is null ? FaultState.Ended : FaultState.Active,
    });

    private LoadRecorder Recorder(double seconds, out LoadOptions options, IReadOnlyDictionary<FaultKind, double>? failures = null, int endpoints = 1)
    {
        options = new() { Rate = 10, Duration = TimeSpan.FromSeconds(seconds), FailuresPerYear = failures };
        var urls = Enumerable.Range(0, endpoints).Select(at => new LoadEndpoint($"http://{at}/", _ => throw new NotSupportedException()));
        return new(new("web", [.. urls]), options, Start, () => _journal.Since(Start), _requests.Add);
    }

    private KlAvailability Record(
        long count, double seconds, Func<long, (string? Reason, double Milliseconds)> result, Func<long, long>? order = null, int endpoints = 1)
    {
        var recorder = Recorder(seconds, out var options, endpoints: endpoints);
        for (long step = 0; step < count; step++)
        {
            var index = order?.Invoke(step) ?? step;
            var (reason, milliseconds) = result(index);
            recorder.Add(new(index, options.DueAt(index), (int)(index % endpoints), TimeSpan.FromMilliseconds(milliseconds), new(reason)));
        }
        return recorder.Result(options.Duration);
    }
}
