using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using KubeLab;
using KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Measures the check of generated histories.</summary>
public static class TransactionBench
{
    private const int Clients = 10;
    private const int Keys = 10;
    private const int AppendsPerKey = 100;

    /// <summary>Checks a history some times, after small ones that start the compiler. Returns the elapsed and the processor seconds of the fastest check, and
    /// the peak memory of the process in megabytes.</summary>
    public static double[] Run(int transactions, bool isStale)
    {
        for (var round = 0; round < 20; round++)
            Check(Generate(2_000, isStale), isStale);
        var history = Generate(transactions, isStale);
        var (elapsed, busy) = (double.MaxValue, double.MaxValue);
        using var process = Process.GetCurrentProcess();
        for (var round = 0; round < 5; round++)
        {
            GC.Collect();
            process.Refresh();
            var (clock, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            Check(history, isStale);
            process.Refresh();
            elapsed = Math.Min(elapsed, clock.Elapsed.TotalSeconds);
            busy = Math.Min(busy, (process.TotalProcessorTime - before).TotalSeconds);
        }
        return new[] { elapsed, busy, process.PeakWorkingSet64 / 1048576.0 };
    }

    private static void Check(KlOperation[] history, bool isStale)
    {
        var verdict = TransactionChecker.Check(history, null, default).Verdict;
        if (verdict != (isStale ? KlVerdict.False : KlVerdict.True))
            throw new InvalidOperationException($"The verdict is {verdict}.");
    }

    /// <summary>Transactions of 1 to 4 steps of 10 clients. Each takes effect at one time between its call and its end.</summary>
    /// <param name="transactions">Their number.</param>
    /// <param name="isStale">Whether one read in ten misses the last append, so that nearly all transactions are part of one large cycle.</param>
    public static KlOperation[] Generate(int transactions, bool isStale)
    {
        var random = new Random(1);
        var keys = Enumerable.Range(0, Keys).Select(key => (Name: (long)key, List: new List<long>())).ToArray();
        var (nextKey, ends) = ((long)Keys, new long[Clients]);
        return Enumerable.Range(0, transactions).Select(index =>
        {
            var steps = Enumerable.Range(0, 1 + random.Next(4)).Select(_ =>
            {
                var at = random.Next(Keys);
                if (random.Next(2) == 0)
                    return new object[] { "r", keys[at].Name, Read(keys[at].List, isStale && random.Next(10) == 0 ? 1 : 0) };
                if (keys[at].List.Count == AppendsPerKey)
                    keys[at] = (nextKey++, new List<long>());
                keys[at].List.Add(keys[at].List.Count + 1);
                return new object[] { "append", keys[at].Name, (long)keys[at].List.Count };
            }).ToArray();
            // It takes effect at 100 * index. Calls and ends are up to half a round of all clients away.
            var client = index % Clients;
            var start = Math.Max(ends[client] + 1, 100L * index - random.Next(100 * Clients / 2));
            ends[client] = 100L * index + random.Next(100 * Clients / 2);
            return new KlOperation
            {
                Index = index, Process = client, Function = "txn", Value = steps, Result = steps, Start = start, End = ends[client], Outcome = KlOutcome.Ok,
            };
        }).ToArray();
    }

    private static object[] Read(List<long> list, int missing) => list.Take(list.Count - missing).Select(element => (object)element).ToArray();
}
