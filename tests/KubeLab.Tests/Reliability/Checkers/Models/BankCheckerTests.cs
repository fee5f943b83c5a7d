using KubeLab.Engine.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Checkers.Models;

public sealed class BankCheckerTests
{
    [Theory]
    [InlineData("0 0-1 read={a5 b5}|0 2-3 read={a2 b8}", KlVerdict.True, "")]
    [InlineData("0 0-1 read={a5 b5}|0 2-3 read={a2 b5}|0 4-5 read={a2 b8}", KlVerdict.False,
        "wrong-total: A read returned balances that add up to 7, not 10: a: 2, b: 5.")]
    [InlineData("0 0-1 read={a5 b5}|0 2-3 read={a-1 b11}", KlVerdict.False, "negative-balance: A read returned a negative balance: a: -1, b: 11.")]
    [InlineData("0 0-1 read={a5 b5}|0 2-3? read=nil", KlVerdict.True, "")]
    [InlineData("0 0-1? read=nil", KlVerdict.Unknown, "")]
    // Each key is a bank.
    [InlineData("0 0-1 read:x={a5 b5}|0 2-3 read:y={a2 b5}", KlVerdict.True, "")]
    public void Balances_add_up(string history, KlVerdict verdict, string anomalies)
    {
        var result = BankChecker.Check(OperationText.Parse(history), null);

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(verdict == KlVerdict.Unknown, result.Reason is not null);
        Assert.Equal(anomalies, string.Join(' ', result.Anomalies.Select(anomaly => anomaly.ToString())));
    }

    [Fact]
    public void The_bank_may_have_another_total_and_negative_balances()
    {
        var history = OperationText.Parse("0 0-1 read={a-5 b5}|0 2-3 read={a2 b5}");
        var result = BankChecker.Check(history, new() { Total = 7, AllowNegative = true });

        Assert.Equal((KlVerdict.False, 2, 7, 1), (result.Verdict, result.Reads, result.Total!.Value, result.Wrong));
        Assert.Same(history[0], Assert.Single(result.Anomalies).Operations.Single());
    }

    [Theory]
    [InlineData("0 0-1 read=[]")]
    [InlineData("0 0-1 read=5")]
    public void Balances_that_are_not_a_map_are_an_error(string history) =>
        Assert.Equal(ErrorIds.ModelMismatch, Assert.Throws<KlException>(() => BankChecker.Check(OperationText.Parse(history), null)).ErrorId);
}
