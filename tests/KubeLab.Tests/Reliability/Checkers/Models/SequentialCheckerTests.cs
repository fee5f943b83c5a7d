using CsCheck;
using KubeLab.Engine.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Checkers.Models;

public sealed class SequentialCheckerTests
{
    [Theory]
    // A stale read, in time.
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=nil|1 4-5 read:x=1", KlVerdict.True)]
    [InlineData("0 0-1 write:x=1|0 2-3 read:x=nil", KlVerdict.False)]
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=1|1 4-5 read:x=nil", KlVerdict.False)]
    // Two clients see two writes in different orders.
    [InlineData("0 0-1 write:x=1|1 0-1 write:x=2|2 2-3 read:x=1|2 4-5 read:x=2|3 2-3 read:x=2|3 4-5 read:x=2", KlVerdict.True)]
    [InlineData("0 0-1 write:x=1|1 0-1 write:x=2|2 2-3 read:x=1|2 4-5 read:x=2|3 2-3 read:x=2|3 4-5 read:x=1", KlVerdict.False)]
    // The same with two keys, each of which has an order of its own.
    [InlineData("0 0-1 write:x=1|1 0-1 write:y=1|2 2-3 read:x=1|2 4-5 read:y=nil|3 2-3 read:y=1|3 4-5 read:x=1", KlVerdict.True)]
    [InlineData("0 0-1 write:x=1|1 0-1 write:y=1|2 2-3 read:x=1|2 4-5 read:y=nil|3 2-3 read:y=1|3 4-5 read:x=nil", KlVerdict.False)]
    // Each of two clients misses the write of the other.
    [InlineData("0 0-1 write:x=1|0 2-3 read:y=nil|1 0-1 write:y=1|1 2-3 read:x=1", KlVerdict.True)]
    [InlineData("0 0-1 write:x=1|0 2-3 read:y=nil|1 0-1 write:y=1|1 2-3 read:x=nil", KlVerdict.False)]
    // Nobody wrote it, or its write failed.
    [InlineData("0 0-1 read:x=7|1 0-1 read:x=7", KlVerdict.True)]
    [InlineData("0 0-1 read:x=7|1 0-1 read:x=nil", KlVerdict.False)]
    [InlineData("0 0-1! write:x=1|1 2-3 read:x=1", KlVerdict.False)]
    // A write with an unknown outcome may take effect late, or never.
    [InlineData("0 0-1? write:x=1|0 2-3 read:x=nil|0 4-5 read:x=1", KlVerdict.True)]
    [InlineData("0 0-1? write:x=1|0 2-3 read:x=nil", KlVerdict.True)]
    [InlineData("0 0-1 read:x=1|0 2-3? write:x=1", KlVerdict.False)]
    public void An_order_of_all_operations_must_explain_all_reads(string history, KlVerdict verdict)
    {
        var result = SessionChecker.Check(OperationText.Parse(history), default);

        Assert.Equal(verdict, result.Sequential);
        Assert.Equal(verdict == KlVerdict.False ? 1 : 0, result.Anomalies.Count(one => one.Name == "non-sequential"));
    }

    [Fact]
    public void The_verdict_is_that_of_trying_all_orders() => Choices.Gen.Sample(choices =>
    {
        var written = new Dictionary<string, List<string>> { ["x"] = ["nil"], ["y"] = ["nil"] };
        var steps = Enumerable.Range(1, 8).Select(step =>
        {
            var (process, key, isRead) = (choices.Next(3), choices.Next(["x", "y"]), choices.OneIn(2));
            var unknown = choices.OneIn(8) ? "?" : "";
            if (!isRead)
                written[key].Add($"{step}");
            return (process, key, isRead, step, unknown);
        }).ToList();
        var history = OperationText.Parse(string.Join('|', steps.Select(one => one.isRead
            ? $"{one.process} {one.step}-{one.step} read:{one.key}={choices.Next(written[one.key])}"
            : $"{one.process} {one.step}-{one.step}{one.unknown} write:{one.key}={one.step}")));
        if (!history.Any(one => one.Function == "read"))
            return true;
        var result = SessionChecker.Check(history, default);
        var isRight = result.Sequential == (HasOrder(history) ? KlVerdict.True : KlVerdict.False);
        return isRight && result.Anomalies.Where(one => one.Name == "non-sequential").All(one => !HasOrder(one.Operations));
    }, iter: 5_000);

    [Fact]
    public void Members_that_are_behind_but_never_go_back_are_sequentially_consistent() => Choices.Gen.Sample(choices =>
    {
        List<(string Key, int Value)> log = [];
        var applied = new int[4];
        var history = string.Join('|', Enumerable.Range(1, 200).Select(step =>
        {
            var (process, key) = (choices.Next(applied.Length), choices.Next(["x", "y", "z"]));
            if (choices.OneIn(3))
            {
                log.Add((key, step));
                applied[process] = log.Count;
                return $"{process} {step}-{step} write:{key}={step}";
            }
            applied[process] += choices.Next(log.Count - applied[process] + 1);
            var last = log.Take(applied[process]).LastOrDefault(one => one.Key == key);
            return $"{process} {step}-{step} read:{key}={(last.Key is null ? "nil" : last.Value)}";
        }));
        return SessionChecker.Check(OperationText.Parse(history), default).Sequential == KlVerdict.True;
    }, iter: 300);

    [Fact]
    public void A_search_that_needs_too_much_is_unknown()
    {
        var result = SessionChecker.Check(
            OperationText.Parse(string.Join('|', Enumerable.Range(0, 9_000).Select(process => $"{process} {process}-{process} read:x=nil"))), default);

        Assert.Equal((KlVerdict.True, KlVerdict.Unknown), (result.ReadYourWrites, result.Sequential));
        Assert.Equal("The search of one order of all operations reached its limit", result.Reason);
    }

    [Fact]
    public void The_counterexample_is_minimal()
    {
        var noise = string.Join('|', Enumerable.Range(1, 300).Select(step => $"{step % 5} {10 * step}-{10 * step + 5} write:z={step}"));
        var anomaly = Assert.Single(SessionChecker.Check(OperationText.Parse(
            $"{noise}|7 30-31 write:x=1|7 32-33 read:y=nil|8 30-31 write:y=1|8 32-33 read:x=nil"), default).Anomalies);

        Assert.Equal(4, anomaly.Operations.Length);
        Assert.Equal("No order of these 4 operations that has those of each process in its order explains what was read.", anomaly.Message);
    }

    // Writes with an unknown outcome may take effect at any time after what their client did before, or never.
    private static bool HasOrder(KlOperation[] history)
    {
        return Try([.. history.OrderBy(one => one.Start)], []);

        static bool Try(List<KlOperation> rest, Dictionary<string, object?> values) =>
            rest.All(one => one.Outcome == KlOutcome.Unknown) || rest.Any(one =>
            {
                if (rest.Any(other => other.Process == one.Process && other.Start < one.Start && other.Outcome == KlOutcome.Ok))
                    return false;
                var key = $"{one.Key}";
                if (one.Function == "read" && !Equals(values.GetValueOrDefault(key), one.Result))
                    return false;
                var next = one.Function == "read" ? values : new(values) { [key] = one.Value };
                return Try([.. rest.Where(other => other != one)], next);
            });
    }
}
