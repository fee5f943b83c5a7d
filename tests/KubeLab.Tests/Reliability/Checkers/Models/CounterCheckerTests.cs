using CsCheck;
using KubeLab.Engine.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Checkers.Models;

public sealed class CounterCheckerTests
{
    [Theory]
    [InlineData("0 0-1 add=1|0 2-3 read=1", KlVerdict.True)]
    [InlineData("0 0-1 add=1|0 2-3 read=0", KlVerdict.False)]
    [InlineData("0 0-1 add=1|0 2-3 read=2", KlVerdict.False)]
    // It overlaps the read.
    [InlineData("0 0-5 add=1|1 2-3 read=0", KlVerdict.True)]
    [InlineData("0 0-5 add=1|1 2-3 read=1", KlVerdict.True)]
    [InlineData("0 4-5 add=1|1 2-3 read=1", KlVerdict.False)]
    [InlineData("0 0-1? add=1|1 2-3 read=1", KlVerdict.True)]
    [InlineData("0 0-1? add=1|1 2-3 read=0", KlVerdict.True)]
    [InlineData("0 0-1! add=1|1 2-3 read=1", KlVerdict.False)]
    [InlineData("0 0-1 add=5|0 2-3? add=-2|1 4-5 read=3", KlVerdict.True)]
    [InlineData("0 0-1 add=5|0 2-3? add=-2|1 4-5 read=2", KlVerdict.False)]
    [InlineData("0 0-1 add=5|0 2-3? add=-2|1 4-5 read=6", KlVerdict.False)]
    [InlineData("0 0-1 add=9223372036854775807|0 2-3 add=9223372036854775807|1 4-5 read=-2", KlVerdict.False)]
    [InlineData("0 0-1 add:x=1|0 2-3 read:y=0", KlVerdict.True)]
    [InlineData("0 0-1 add=1", KlVerdict.Unknown)]
    public void A_read_is_a_possible_sum(string history, KlVerdict verdict) =>
        Assert.Equal(verdict, CounterChecker.Check(OperationText.Parse(history), default).Verdict);

    [Fact]
    public void The_counterexample_shows_the_bounds() =>
        Assert.Equal("A read returned 9, but only sums from 1 to 3 are possible.",
            CounterChecker.Check(OperationText.Parse("0 0-1 add=1|0 2-3? add=2|1 4-5 read=9"), default).Anomalies[0].Message);

    [Fact]
    public void A_read_is_possible_exactly_if_some_of_the_optional_additions_give_it() => Choices.Gen.Sample(choices =>
    {
        // All additions are 1 or -1, so that every sum between the bounds is possible.
        var adds = string.Join('|', Enumerable.Range(0, choices.Next(6)).Select(process =>
            $"{process} {choices.Next(10)}-{10 + choices.Next(10)}{choices.Next(["", "", "?", "!"])} add={choices.Next([1, -1])}"));
        var history = OperationText.Parse($"{adds}|9 {12 + choices.Next(4)}-{16 + choices.Next(4)} read={choices.Next(7) - 3}");
        var read = history[^1];
        long[] sums = [0];
        foreach (var add in history[..^1].Where(one => one.Outcome != KlOutcome.Fail && one.Start <= read.End))
        {
            var with = sums.Select(sum => sum + (long)add.Value!);
            sums = add.Outcome == KlOutcome.Ok && add.End < read.Start ? [.. with] : [.. sums, .. with];
        }
        return CounterChecker.Check(history, default).Verdict == KlVerdict.True == sums.Contains((long)read.Result!);
    }, iter: 1_000);

    [Fact]
    public void A_value_that_is_not_an_integer_is_an_error() =>
        Assert.Equal(ErrorIds.ModelMismatch, Assert.Throws<KlException>(() => CounterChecker.Check(OperationText.Parse("0 0-1 read=[]"), default)).ErrorId);
}
