using CsCheck;
using KubeLab.Engine.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Checkers.Models;

public sealed class SessionCheckerTests
{
    [Theory]
    [InlineData("0 0-1 write:x=1|0 2-3 read:x=1", "")]
    [InlineData("0 0-1 write:x=1|0 2-3 read:x=nil", "read-your-writes")]
    [InlineData("0 0-1 write:x=1|0 2-3 write:x=2|0 4-5 read:x=1", "read-your-writes")]
    // Another client's older write.
    [InlineData("1 0-1 write:x=1|0 2-3 write:x=2|0 4-5 read:x=1", "read-your-writes")]
    // It overlaps, so that it may be newer.
    [InlineData("1 0-3 write:x=1|0 2-3 write:x=2|0 4-5 read:x=1", "")]
    // Another client, or another key.
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=nil", "")]
    [InlineData("0 0-1 write:x=1|0 2-3 read:y=nil", "")]
    // Writes that failed or have an unknown outcome promise nothing.
    [InlineData("0 0-1! write:x=1|0 2-3 read:x=nil", "")]
    [InlineData("0 0-1? write:x=1|0 2-3 read:x=nil", "")]
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=1|1 4-5 read:x=nil", "monotonic-reads")]
    [InlineData("0 0-1 write:x=1|0 2-3 write:x=2|1 4-5 read:x=2|1 6-7 read:x=1", "monotonic-reads")]
    [InlineData("0 0-1 write:x=1|0 2-3 write:x=2|1 4-5 read:x=2|2 6-7 read:x=1", "")]
    // The writes overlap, so that one of the two orders is right; but not both.
    [InlineData("0 0-9 write:x=1|1 0-9 write:x=2|2 4-5 read:x=2|2 6-7 read:x=1", "")]
    [InlineData("0 0-9 write:x=1|1 0-9 write:x=2|2 4-5 read:x=2|2 6-7 read:x=1|2 8-9 read:x=2", "monotonic-reads")]
    [InlineData("0 0-1 write:x=1|0 2-3 write:y=1|1 4-5 read:y=1|1 6-7 read:x=nil", "monotonic-writes")]
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=1|1 4-5 write:y=1|2 6-7 read:y=1|2 8-9 read:x=nil", "writes-follow-reads")]
    // The read of x came first, or the write of x came last.
    [InlineData("0 0-1 write:x=1|0 2-3 write:y=1|1 4-5 read:x=nil|1 6-7 read:y=1", "")]
    [InlineData("0 0-1 write:y=1|0 2-3 write:x=1|1 4-5 read:y=1|1 6-7 read:x=nil", "")]
    public void A_guarantee_is_broken_where_that_follows(string history, string broken)
    {
        var result = SessionChecker.Check(OperationText.Parse(history), default);

        var isUnclear = broken is "monotonic-writes" or "writes-follow-reads";
        Assert.Equal(broken, string.Join(' ', result.Anomalies.Select(anomaly => anomaly.Name).Where(name => name != "non-sequential")));
        Assert.Equal(broken == "read-your-writes" ? KlVerdict.False : KlVerdict.True, result.ReadYourWrites);
        Assert.Equal(isUnclear ? KlVerdict.Unknown : broken == "monotonic-reads" ? KlVerdict.False : KlVerdict.True, result.MonotonicReads);
        Assert.Equal(broken == "monotonic-writes" ? KlVerdict.Unknown : KlVerdict.True, result.MonotonicWrites);
        Assert.Equal(broken == "writes-follow-reads" ? KlVerdict.Unknown : KlVerdict.True, result.WritesFollowReads);
        Assert.Equal(isUnclear, result.Reason is not null);
    }

    [Theory]
    [InlineData("0 0-1 write:x=1|0 2-3 write:x=1|0 4-5 read:x=1", "1 is written twice to key x. Every write to a key must have a value of its own")]
    [InlineData("0 0-1 write:x=1", "The history has no completed read")]
    public void A_history_that_says_nothing_is_not_judged(string history, string reason)
    {
        var result = SessionChecker.Check(OperationText.Parse(history), default);

        Assert.Equal((KlVerdict.Unknown, KlVerdict.Unknown, reason), (result.ReadYourWrites, result.MonotonicReads, result.Reason));
    }

    [Fact]
    public void The_counterexample_says_what_was_seen_before()
    {
        var anomaly = SessionChecker.Check(OperationText.Parse("3 0-1 write:x=1|3 2-3 write:x=2|3 4-5 read:x=1"), default).Anomalies[0];

        Assert.Equal("Process 3 wrote 2, and then read 1 from key x, which is older.", anomaly.Message);
        Assert.Equal([1, 2], anomaly.Operations.Select(operation => operation.Index));
    }

    [Fact]
    public void All_guarantees_hold_for_registers_that_change_at_once() => Choices.Gen.Sample(choices =>
    {
        Dictionary<string, string> state = new() { ["x"] = "nil", ["y"] = "nil" };
        var history = string.Join('|', Enumerable.Range(1, 20).Select(step =>
        {
            // Takes effect at 100 * step + 100; operations of other processes overlap it.
            var (key, process) = (choices.Next(["x", "y"]), step % 3);
            var times = $"{100 * step + 100 - choices.Next(149)}-{100 * step + 100 + choices.Next(149)}";
            if (choices.OneIn(2))
                return $"{process} {times} read:{key}={state[key]}";
            state[key] = $"{step}";
            return $"{process} {times}{(choices.OneIn(5) ? "?" : "")} write:{key}={step}";
        }));
        return SessionChecker.Check(OperationText.Parse(history), default).Anomalies.Length == 0;
    }, iter: 1_000);
}
