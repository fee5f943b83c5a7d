using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Tests.Reliability;

public sealed class OutageTrackerTests
{
    private const string Second = "..........";

    // A character is a request, ten a second: '.' succeeded, a letter is the reason of a failure. Endpoints get requests in turn.
    [Theory]
    [InlineData(1, "..........", "")]
    [InlineData(1, "..aab.......", "0.2-0.5 all 3 a")]
    // Failures within a second belong together.
    [InlineData(1, "..aab.......b...........", "0.2-1.3 all 4 a")]
    [InlineData(1, "..aab..........b........", "0.2-0.5 all 3 a|1.5-1.6 all 1 b")]
    [InlineData(1, "bab.......", "0-0.3 all 3 b")]
    [InlineData(1, "........aa", "0.8-? all 2 a")]
    [InlineData(1, "aaaaaaaaaa", "0-? all 10 a")]
    // Most requests were not sent because others did not get a response.
    [InlineData(1, ".abNNNNNN.", "0.1-0.9 all 8 a")]
    // The second of two endpoints.
    [InlineData(2, "...a.a.a..........", "0.3-0.9 1 3 a")]
    // Both endpoints fail; one notices later and recovers later.
    [InlineData(2, "....aaaaaa........", "0.4-1 all 6 a")]
    [InlineData(2, "...a.aaaaaa.......", "0.5-1.1 all 6 a")]
    // The second endpoint fails for two seconds and more before and after the first one does.
    [InlineData(2, ".a.a.a.a.a.a.a.a.a.a.aaaaa.a.a.a.a.a.a.a.a.a.a.....", "0.1-4.7 1 23 a|2.1-2.6 all 5 a")]
    // The second one fails again soon and for more than a second.
    [InlineData(2, "..aaaa...a..", "0.2-0.6 all 4 a")]
    [InlineData(2, "..aaaa...b.b.b.b.b.b.b...", "0.2-0.6 all 4 a|0.3-2.3 1 9 b")]
    // Both fail again soon.
    [InlineData(2, "..aaaa...bb....", "0.2-1.1 all 6 a")]
    [InlineData(2, "..........aa", "1-? all 2 a")]
    [InlineData(2, "...........a", "1.1-? 1 1 a")]
    public void An_outage_lasts_from_the_first_failure_to_the_first_success_that_no_failure_follows_soon(int endpoints, string requests, string outages)
    {
        var tracker = Track(endpoints, requests);

        Assert.Equal(outages, string.Join('|', tracker.Listed.Select(outage => FormattableString.Invariant(
            $"{outage.Start.TotalSeconds}-{(outage.IsOver ? outage.End.TotalSeconds : "?")} {outage.Endpoint?.ToString() ?? "all"} {outage.Failed} ")
            + outage.Reason)));
        Assert.Equal(tracker.Listed.Count, tracker.Count);
    }

    [Fact]
    public void Mttr_and_Mtbf_are_means_of_all_outages()
    {
        var tracker = Track(1, $".aa{Second}...a{Second}....a{Second}....a...");

        // Durations 0.2, 0.1, 0.1, 0.1; starts at 0.1, 1.6, 3.1, 4.6.
        Assert.Equal(TimeSpan.FromSeconds(0.125), tracker.Mttr);
        Assert.Equal(TimeSpan.FromSeconds(1.5), tracker.Mtbf);
        Assert.Equal((null, null), (Track(1, "...").Mttr, Track(1, ".a.").Mtbf));
    }

    [Fact]
    public void The_longest_outages_are_listed_and_all_are_counted()
    {
        var few = string.Concat(Enumerable.Repeat($"a.{Second}", OutageTracker.MaxListed));
        var tracker = Track(1, $"{few}aaa.{Second}{few}");

        Assert.Equal(2 * OutageTracker.MaxListed + 1, tracker.Count);
        Assert.Equal(OutageTracker.MaxListed, tracker.Listed.Count);
        Assert.Contains(tracker.Listed, outage => outage.Failed == 3);
        Assert.Equal(tracker.Listed.OrderBy(outage => outage.Start), tracker.Listed);
    }

    private static OutageTracker Track(int endpoints, string requests)
    {
        var (options, tracker) = (new LoadOptions { Rate = 10 }, new OutageTracker(endpoints, 10));
        for (var index = 0; index < requests.Length; index++)
            tracker.Add(new(index, options.DueAt(index), index % endpoints, TimeSpan.Zero,
                new(requests[index] switch { '.' => null, 'N' => FailureReason.NotSent, var reason => $"{reason}" })));
        tracker.End(options.DueAt(requests.Length));
        return tracker;
    }
}
