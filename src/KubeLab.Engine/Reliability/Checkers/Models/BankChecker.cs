using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Judges a bank: transfers between accounts do not change the sum of all balances, so that every read of all accounts has the same sum.</summary>
public static class BankChecker
{
    /// <summary>Checks a history with the functions transfer and read.</summary>
    /// <param name="history">The operations. The result of read is a map of accounts and balances.</param>
    /// <param name="options">What the bank promises, or null for the defaults.</param>
    public static KlBankCheck Check(IReadOnlyList<KlOperation> history, BankOptions? options)
    {
        options ??= new();
        AnomalyList anomalies = new();
        var (reads, wrong, total) = (0, 0, options.Total);
        foreach (var bank in history.Where(one => one is { Function: "read", Outcome: KlOutcome.Ok }).GroupBy(one => one.Key, ValueComparer.Instance))
        {
            var sums = bank.Select(read => (Read: read, Sum: Sum(read))).ToArray();
            var expected = options.Total ?? sums.CountBy(read => read.Sum).MaxBy(sum => sum.Value).Key;
            (reads, total) = (reads + sums.Length, total ?? (long?)expected);
            foreach (var (read, sum) in sums)
            {
                var isNegative = !options.AllowNegative && Values.Map(read, read.Result).Values.Any(balance => balance is < 0L);
                if (sum != expected)
                    anomalies.Add("wrong-total", $"A read returned balances that add up to {sum}, not {expected}: {Text(read)}.", read);
                if (isNegative)
                    anomalies.Add("negative-balance", $"A read returned a negative balance: {Text(read)}.", read);
                wrong += sum != expected || isNegative ? 1 : 0;
            }
        }
        return new()
        {
            Verdict = wrong > 0 ? KlVerdict.False : reads > 0 ? KlVerdict.True : KlVerdict.Unknown,
            Reason = reads == 0 ? "The history has no completed read" : null,
            Reads = reads,
            Total = total,
            Wrong = wrong,
            Anomalies = anomalies.ToArray(),
        };
    }

    private static Int128 Sum(KlOperation read) =>
        Values.Map(read, read.Result).Values.Aggregate((Int128)0, (sum, balance) => sum + Values.Integer(read, balance));

    private static string Text(KlOperation read) =>
        string.Join(", ", Values.Map(read, read.Result).Select(account => $"{Values.Text(account.Key)}: {account.Value}"));
}
