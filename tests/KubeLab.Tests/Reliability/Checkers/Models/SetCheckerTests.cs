using KubeLab.Engine.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Checkers.Models;

public sealed class SetCheckerTests
{
    [Theory]
    [InlineData("0 0-1 add=1|0 2-3 read=[1]", KlVerdict.True, "")]
    // A read that overlaps the addition may miss it.
    [InlineData("0 0-5 add=1|1 1-6 read=[]|1 7-8 read=[1]", KlVerdict.True, "")]
    // Additions that failed or have an unknown outcome need not be read.
    [InlineData("0 0-1! add=1|0 2-3? add=2|1 4-5 read=[]", KlVerdict.True, "")]
    [InlineData("0 0-1? add=1|1 2-3 read=[]|1 4-5 read=[1]", KlVerdict.True, "recovered 1")]
    [InlineData("0 0-1 add=1|1 2-3 read=[]", KlVerdict.False, "lost 1")]
    [InlineData("0 0-1 add=1|1 2-3 read=[1]|1 4-5 read=[]", KlVerdict.False, "lost 1")]
    // Nobody acknowledged it, but a read returned it and a later one did not.
    [InlineData("0 0-1? add=1|1 2-3 read=[1]|1 4-5 read=[]", KlVerdict.False, "lost 1, recovered 1")]
    // Two reads that overlap: the one that returned the element may be the later one.
    [InlineData("0 0-1 add=1|1 200-900 read=[1]|2 301-400 read=[]", KlVerdict.True, "stale 1 by 300")]
    [InlineData("0 0-1 add=1|1 200-300 read=[]|1 401-500 read=[]|1 600-700 read=[1]", KlVerdict.True, "stale 1 by 400")]
    [InlineData("0 0-1 add=1|1 2-3 read=[1 7]", KlVerdict.False, "unexpected 7")]
    [InlineData("0 0-1! add=1|1 2-3 read=[1]", KlVerdict.False, "unexpected 1")]
    // The retry of a failed addition succeeded.
    [InlineData("0 0-1! add=1|0 2-3 add=1|1 4-5 read=[1]", KlVerdict.True, "")]
    [InlineData("0 0-1 add=1|1 2-3 read=[1 1]", KlVerdict.False, "")]
    [InlineData("0 0-1 add=1|0 2-3 read=[1]|0 4-5 add=2", KlVerdict.Unknown, "never 2")]
    [InlineData("0 0-1 add=1|0 2-3? read=nil", KlVerdict.Unknown, "never 1")]
    // Each key is a set.
    [InlineData("0 0-1 add:x=1|0 2-3 read:y=[]|0 4-5 read:x=[1]", KlVerdict.True, "")]
    public void Elements_are_lost_stale_or_unexpected(string history, KlVerdict verdict, string found)
    {
        var result = SetChecker.Check(OperationText.Parse(history), default);

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(verdict == KlVerdict.Unknown, result.Reason is not null);
        Assert.Equal(found, string.Join(", ", result.Lost.Select(element => $"lost {element}")
            .Concat(result.Stale.Select(element => $"stale {element.Key} by {element.Value.Ticks * TimeSpan.NanosecondsPerTick}"))
            .Concat(result.NeverRead.Select(element => $"never {element}"))
            .Concat(result.Unexpected.Select(element => $"unexpected {element}"))
            .Concat(result.Recovered.Select(element => $"recovered {element}"))));
    }

    [Fact]
    public void A_lost_element_is_shown_with_the_read_that_missed_it()
    {
        var result = SetChecker.Check(OperationText.Parse("0 0-1 add=1|0 0-1 add=2|1 2-3 read=[1 2]|1 4-5 read=[2]|1 6-7 read=[2]"), default);

        var anomaly = Assert.Single(result.Anomalies);
        Assert.Equal(("lost", "1 was added, a read that began later missed it, and no read returned it after that."), (anomaly.Name, anomaly.Message));
        Assert.Equal([0, 2, 4], anomaly.Operations.Select(operation => operation.Index));
        Assert.Equal(2, result.Acknowledged);
    }

    [Theory]
    [InlineData("0 0-1 add=nil")]
    [InlineData("0 0-1 read=1")]
    public void Values_that_are_not_valid_are_an_error(string history) =>
        Assert.Equal(ErrorIds.ModelMismatch, Assert.Throws<KlException>(() => SetChecker.Check(OperationText.Parse(history), default)).ErrorId);
}
