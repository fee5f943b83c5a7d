using KubeLab.Engine.Reliability.Checkers.Transactions;

namespace KubeLab.Tests.Reliability.Checkers.Transactions;

public sealed class TransactionCheckerTests
{
    [Theory]
    // Two transactions overwrite each other in opposite orders.
    [InlineData("G0", "read-uncommitted", "0 ok 0-9 ax1 ay1|1 ok 1-9 ax2 ay2|2 ok 2-9 rx12 ry21")]
    [InlineData("garbage-read", "read-uncommitted", "0 ok 0-9 ax1|1 ok 1-9 rx17")]
    [InlineData("duplicate-elements", "read-uncommitted", "0 ok 0-9 ax1|1 ok 1-9 rx11")]
    [InlineData("cyclic-versions", "read-uncommitted", "0 ok 0-9 ax1 ax2|1 ok 1-9 rx21")]
    // The first append was lost, the second was not.
    [InlineData("cyclic-versions", "read-uncommitted", "0 ok 0-9 ax1 ax2|1 ok 1-9 rx2")]
    [InlineData("G1a", "read-committed", "0 fail 0-9 ax1|1 ok 1-9 rx1")]
    // Whether it was aborted is not known. If not, reads show what it appended in the wrong order.
    [InlineData("G1a", "read-committed", "0 unknown 0-? ax1 ax2|1 ok 1-9 rx21")]
    [InlineData("G1a", "read-committed", "0 unknown 0-? ax1 rx ax2|1 ok 1-9 rx21")]
    [InlineData("G1b", "read-committed", "0 ok 0-9 ax1 ax2|1 ok 1-9 rx1")]
    [InlineData("G1c", "read-committed", "0 ok 0-9 ax1 ry1|1 ok 1-9 ax2 ay1|2 ok 2-9 rx12")]
    // A cycle of writes with a transaction of unknown outcome: that transaction may have been aborted, and was read.
    [InlineData("G1c", "read-committed", "0 ok 0-9 ax1 ay1|1 unknown 1-? ax2 ay2|2 ok 2-9 rx12 ry21")]
    [InlineData("dirty-update", "read-committed", "0 fail 0-9 ax1|1 ok 1-9 ax2|2 ok 2-9 rx12")]
    [InlineData("incompatible-order", "read-committed", "0 ok 0-9 ax1|1 ok 1-9 ax2|2 ok 2-9 rx1|3 ok 3-9 rx2")]
    [InlineData("future-read", "read-committed", "0 ok 0-9 rx1 ax1")]
    [InlineData("internal", "repeatable-read parallel-snapshot-isolation", "0 ok 0-9 ax1 rx|1 ok 1-9 rx1")]
    [InlineData("internal", "repeatable-read parallel-snapshot-isolation", "0 ok 0-9 ax1|1 ok 1-9 rx rx1")]
    [InlineData("lost-update", "repeatable-read parallel-snapshot-isolation", "0 ok 0-9 ax1|1 ok 1-9 rx1 ax2|2 ok 2-9 rx1 ax3")]
    [InlineData("G-single", "repeatable-read parallel-snapshot-isolation", "0 ok 0-9 ax1 ay1|1 ok 1-9 ax2 ry|2 ok 2-9 rx12")]
    // A long fork: two readers see two appends in opposite orders.
    [InlineData("G-nonadjacent", "repeatable-read snapshot-isolation", "0 ok 0-9 ax1|1 ok 1-9 rx1 ry|2 ok 2-9 ay1|3 ok 3-9 ry1 rx")]
    // Write skew.
    [InlineData("G2-item", "repeatable-read", "0 ok 0-9 rx ay1|1 ok 1-9 ry ax1")]
    [InlineData("G0-process", "strong-session-read-uncommitted", "0 ok 0-1 ax1|0 ok 2-9 ax2|1 ok 1-9 rx21")]
    [InlineData("G1c-process", "strong-session-read-committed", "0 ok 0-9 rx1 ay1|1 ok 1-2 ry1|1 ok 3-9 ax1")]
    [InlineData("G-single-process", "strong-session-repeatable-read strong-session-parallel-snapshot-isolation", "0 ok 0-1 ax1|0 ok 2-9 rx|1 ok 0-9 rx1")]
    [InlineData("G-nonadjacent-process", "strong-session-repeatable-read strong-session-snapshot-isolation",
        "0 ok 0-9 rx rz1|1 ok 1-2 ax1|1 ok 3-9 rz|2 ok 2-9 az1")]
    [InlineData("G2-item-process", "strong-session-repeatable-read", "0 ok 0-1 ax1|0 ok 2-9 rz|1 ok 1-9 az1 rx")]
    [InlineData("G0-realtime", "strong-read-uncommitted", "0 ok 0-1 ax1|1 ok 2-9 ax2|2 ok 1-9 rx21")]
    [InlineData("G1c-realtime", "strong-read-committed", "0 ok 0-9 rx1 ay1|1 ok 1-2 ry1|2 ok 3-9 ax1")]
    [InlineData("G-single-realtime", "strong-repeatable-read strong-parallel-snapshot-isolation", "0 ok 0-1 ax1|1 ok 2-9 rx|2 ok 0-9 rx1")]
    [InlineData("G-nonadjacent-realtime", "strong-repeatable-read strong-snapshot-isolation", "0 ok 0-9 rx rz1|1 ok 1-2 ax1|2 ok 3-9 rz|3 ok 2-9 az1")]
    [InlineData("G2-item-realtime", "strong-repeatable-read", "0 ok 0-1 ax1|1 ok 2-9 rz|2 ok 1-9 az1 rx")]
    public void An_anomaly_has_a_name_and_rules_out_levels(string name, string ruledOut, string history)
    {
        var result = Check(history);

        Assert.Contains(name, result.Anomalies.Select(anomaly => anomaly.Name));
        Assert.Equal(ruledOut.Split(' '), result.RuledOut);
        Assert.Equal(KlVerdict.False, result.Verdict);
    }

    [Theory]
    [InlineData("0 ok 0-1 ax1|1 ok 2-3 rx1")]
    // Concurrent transactions may be in either order.
    [InlineData("0 ok 0-9 ax1|1 ok 1-9 rx|2 ok 2-9 rx1")]
    // A transaction of unknown outcome took effect, or not, or took effect after its client gave up.
    [InlineData("0 unknown 0-? ax1|1 ok 1-2 rx1")]
    [InlineData("0 ok 0-1 ax1|0 unknown 2-3 ax2|0 ok 4-5 rx1|0 ok 6-7 rx12")]
    [InlineData("0 ok 0-1 ax1|0 unknown 2-3 ax2|0 ok 4-5 rx1")]
    // Calls at the moment of an end are concurrent.
    [InlineData("0 ok 0-3 ax1|1 ok 3-9 rx|2 ok 3-9 rx1")]
    // Own reads.
    [InlineData("0 ok 0-1 rx ax1 rx1 ax2 rx12|1 ok 2-3 rx12 ax3 ax4|2 ok 4-5 rx1234")]
    // An aborted transaction that nobody read.
    [InlineData("0 fail 0-1 ax1|1 ok 2-3 ax2|2 ok 4-5 rx2")]
    public void A_history_without_anomalies_is_strict_serializable(string history)
    {
        var result = Check(history);

        Assert.Equal((KlVerdict.True, null), (result.Verdict, result.Reason));
        Assert.Equal(["strict-serializable"], result.Holds);
        Assert.Empty(result.RuledOut);
        Assert.Empty(result.Anomalies);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 ok 0-1 ax1|1 ok 2-3 ay1")]
    [InlineData("0 fail 0-1 ax1")]
    public void A_history_that_says_nothing_is_not_judged(string history)
    {
        var result = Check(history);

        Assert.Equal((KlVerdict.Unknown, "The history has no transactions that depend on each other"), (result.Verdict, result.Reason));
        Assert.Equal(IsolationLevels.Names, result.Undecided);
    }

    [Fact]
    public void An_element_that_is_appended_twice_makes_a_history_unclear() => Assert.Equal(
        "1 is appended twice to key x. Every append to a key must have an element of its own", Check("0 ok 0-1 ax1|1 fail 0-1 ax1").Reason);

    [Theory]
    [InlineData("serializable", KlVerdict.True)]
    [InlineData("strong-session-serializable", KlVerdict.True)]
    [InlineData("strong-repeatable-read", KlVerdict.False)]
    [InlineData("strict-serializable", KlVerdict.False)]
    public void The_verdict_is_about_the_expected_level(string level, KlVerdict verdict)
    {
        var result = TransactionChecker.Check(TransactionText.Parse("0 ok 0-1 ax1|1 ok 2-9 rx|2 ok 0-9 rx1"), new() { Level = level }, default);

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(["strong-session-serializable", "strong-read-committed"], result.Holds);
    }

    [Fact]
    public void The_counterexample_says_why_each_transaction_comes_before_the_next_one()
    {
        var result = Check("5 ok 0-1 ax1 ay1|1 ok 2-9 ax2 ry|2 ok 3-9 rx12|0 ok 4-9 rx1");

        var anomaly = Assert.Single(result.Anomalies, anomaly => anomaly.Name == "G-single");
        Assert.Equal("T1 completed before T2 began. T2 read key y as [] before T1 appended 1. No order of these transactions is possible.",
            Check("5 ok 0-1 ay1|1 ok 2-9 ry|2 ok 0-9 ry1").Anomalies[0].Message);
        Assert.Equal("T2 appended 2 to key x after T1 had appended 1. T2 read key y as [] before T1 appended 1. No order of these transactions is possible.",
            anomaly.Message);
        Assert.Equal([0, 1], anomaly.Operations.Select(operation => operation.Index));
    }

    [Fact]
    public void A_long_counterexample_is_cut()
    {
        // Each reads the version before the next one's append: a ring of 40.
        var anomaly = Assert.Single(Check(string.Join('|',
            Enumerable.Range(0, 40).Select(at => $"{at} ok 0-9 r{(char)('A' + at)} a{(char)('A' + (at + 39) % 40)}1"))).Anomalies);

        Assert.Equal(40, anomaly.Operations.Length);
        Assert.EndsWith("And so on, 10 more. No order of these transactions is possible.", anomaly.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shortest_cycle_is_found()
    {
        // A ring of six anti-dependencies, and a chord that leaves three.
        var result = Check("0 ok 0-9 ra ab1|1 ok 0-9 rb ac1|2 ok 0-9 rc ad1 aa2|3 ok 0-9 rd ae1|4 ok 0-9 re af1|5 ok 0-9 rf aa1");

        Assert.Equal(3, Assert.Single(result.Anomalies).Operations.Length);
    }

    [Fact]
    public void A_limit_leaves_only_open_whether_a_snapshot_is_lost()
    {
        var history = TransactionText.Parse("0 ok 0-9 ax1|1 ok 1-9 rx1 ry|2 ok 2-9 ay1|3 ok 3-9 ry1 rx");
        var result = TransactionChecker.Check(history, new() { MaxSteps = 0, Level = "parallel-snapshot-isolation" }, default);

        Assert.Equal((KlVerdict.Unknown, "The limit of 0 steps was reached"), (result.Verdict, result.Reason));
        Assert.Equal(["parallel-snapshot-isolation", "strong-session-parallel-snapshot-isolation", "strong-parallel-snapshot-isolation"], result.Undecided);
        Assert.Equal(["repeatable-read", "snapshot-isolation"], result.RuledOut);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(9, 3)]
    public void Only_some_anomalies_of_a_name_are_described(int most, int described)
    {
        // Three write skews.
        var history = TransactionText.Parse(string.Join('|', "abcdef".Chunk(2).Select(pair =>
            $"0 ok 0-9 r{pair[0]} a{pair[1]}1|1 ok 0-9 r{pair[1]} a{pair[0]}1")));

        Assert.Equal(described, TransactionChecker.Check(history, new() { MaxAnomalies = most }, default).Anomalies.Length);
    }

    [Fact]
    public void A_check_can_be_stopped() => Assert.Throws<OperationCanceledException>(() =>
        TransactionChecker.Check(TransactionText.Parse("0 ok 0-9 ax1"), null, new CancellationToken(true)));

    [Theory]
    [InlineData(null)]
    [InlineData("steps")]
    [InlineData(new object[] { new object[] { "w", "x", 1L } })]
    [InlineData(new object[] { new object[] { "append", "x" } })]
    [InlineData(new object?[] { new object?[] { "append", "x", null } })]
    [InlineData(new object?[] { new object?[] { "r", null, null } })]
    [InlineData(new object[] { new object[] { "r", "x", 1L } })]
    public void Steps_that_are_not_valid_are_an_error(object? steps)
    {
        var history = TransactionText.Parse("0 ok 0-9 ax1");
        var error = Assert.Throws<KlException>(() => TransactionChecker.Check([history[0] with { Result = steps }], null, default));

        Assert.Equal((ErrorIds.ModelMismatch, "operation 0"), (error.ErrorId, error.Target));
    }

    [Fact]
    public void A_level_that_does_not_exist_is_an_error()
    {
        var error = Assert.Throws<KlException>(() => TransactionChecker.Check([], new() { Level = "none" }, default));

        Assert.Equal((ErrorIds.ModelMismatch, "none"), (error.ErrorId, error.Target));
    }

    [Fact]
    public void A_stronger_level_implies_a_weaker_one()
    {
        foreach (var level in IsolationLevels.Names)
        {
            Assert.True(IsolationLevels.Implies(IsolationLevels.StrictSerializable, level));
            Assert.True(IsolationLevels.Implies(level, "read-uncommitted"));
            Assert.True(IsolationLevels.Implies(level, level));
        }
        Assert.False(IsolationLevels.Implies("snapshot-isolation", "repeatable-read"));
        Assert.False(IsolationLevels.Implies("serializable", "strong-session-read-committed"));
        Assert.True(IsolationLevels.Implies("strong-snapshot-isolation", "strong-session-parallel-snapshot-isolation"));
    }

    private static KlIsolation Check(string history) => TransactionChecker.Check(TransactionText.Parse(history), null, default);
}
