using System.Globalization;

namespace KubeLab.Tests.Reliability.Checkers.Transactions;

/// <summary>Histories as text: a line a transaction, in the order of calls.</summary>
/// <remarks>"0 ok 1-4 ax1 ry12": process, outcome, start and end, then the steps: append 1 to x, read y as [1 2]. "ry" reads the empty list.</remarks>
internal static class TransactionText
{
    /// <summary>Parses a history; lines are separated by | or line ends.</summary>
    public static KlOperation[] Parse(string text)
    {
        var lines = text.Split(['|', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, index) => Operation(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), index))];
    }

    /// <summary>Transactions that are all concurrent, each in a process of its own.</summary>
    public static KlOperation[] Concurrent(params string[] transactions) =>
        Parse(string.Join('|', transactions.Select((steps, index) => $"{index} ok {index}-1000 {steps}")));

    private static KlOperation Operation(string[] words, int index)
    {
        var (times, outcome) = (words[2].Split('-'), Enum.Parse<KlOutcome>(words[1], true));
        var steps = words[3..].Select(Step).ToArray();
        return new()
        {
            Index = index,
            Process = Number(words[0]),
            Function = "txn",
            Value = steps.Select(step => (object?)(Equals(step[0], "r") ? [step[0], step[1], null] : step)).ToArray(),
            Result = outcome == KlOutcome.Ok ? steps : null,
            Start = Number(times[0]),
            End = times[1] == "?" ? null : Number(times[1]),
            Outcome = outcome,
        };
    }

    private static object?[] Step(string text) => text[0] == 'a'
        ? ["append", $"{text[1]}", (long)(text[2] - '0')]
        : ["r", $"{text[1]}", text[2..].Select(element => (object?)(long)(element - '0')).ToArray()];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
