using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Tests.Reliability;

/// <summary>Alone, because the heap of the whole process is measured.</summary>
[Collection(nameof(LoadMemoryTests))]
[CollectionDefinition(nameof(LoadMemoryTests), DisableParallelization = true)]
public sealed class LoadMemoryTests
{
    [Fact]
    public void An_hour_of_a_thousand_requests_a_second_takes_less_than_100_MB()
    {
        var options = new LoadOptions { Rate = 1000, Duration = TimeSpan.FromHours(1) };
        var target = new LoadTarget("web", [.. Enumerable.Range(0, 4).Select(at => new LoadEndpoint($"{at}", _ => throw new NotSupportedException()))]);
        KlFault[] faults = [.. Enumerable.Range(0, 100).Select(at => new KlFault
        {
            Id = $"{at}", Kind = FaultKind.PodKill, Target = "web", State = FaultState.Ended,
            Started = DateTimeOffset.UnixEpoch.AddSeconds(30 * at), Ends = DateTimeOffset.UnixEpoch.AddSeconds(30 * at + 5),
        })];
        var recorder = new LoadRecorder(target, options, DateTimeOffset.UnixEpoch, () => faults, null);
        // A third of the requests fails, and latencies have all orders of magnitude up to ten seconds.
        for (long index = 0; index < 3_600_000; index++)
            recorder.Add(new(index, options.DueAt(index), (int)(index % 4), TimeSpan.FromMicroseconds(1 << (int)(index % 24)),
                new(index % 2400 < 800 ? FailureReason.Reset : null)));
        var result = recorder.Result(options.Duration);
        var with = Memory();
        GC.KeepAlive(recorder);
        // What earlier tests left is no longer in either number.
        var used = with - Memory();

        Assert.InRange(used, 10_000, 100_000_000);
        Assert.Equal((3_600_000, 1_200_000), (result.Requests, result.Failed));
        Assert.InRange(result.Timeline.Length, 100, Timeline.MaxPoints);
        Assert.Equal(OutageTracker.MaxListed, result.Outages.Length);
        Assert.Equal(1500, result.OutageCount);
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
