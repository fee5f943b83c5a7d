using System.Globalization;

namespace KubeLab.Tests.Reliability.Checkers.Models;

/// <summary>Histories as text.</summary>
/// <remarks>"3 10-20 write:x=1": process, start and end, function, key and value. "10-20?" has an unknown outcome, "10-20!" failed.
/// Values are integers, nil, lists like [1 2] and maps like {a5 b-5}.</remarks>
internal static class OperationText
{
    /// <summary>Parses a history. Operations are separated by |.</summary>
    public static KlOperation[] Parse(string text) =>
    [
        .. text.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select((line, index) => Operation(line.Split(' ', 3), index)),
    ];

    private static KlOperation Operation(string[] words, int index)
    {
        var (times, call) = (words[1].TrimEnd('?', '!').Split('-'), words[2].Split('=', 2));
        var outcome = words[1][^1] switch { '?' => KlOutcome.Unknown, '!' => KlOutcome.Fail, _ => KlOutcome.Ok };
        var (name, value) = (call[0].Split(':'), Value(call[1]));
        return new()
        {
            Index = index,
            Process = (int)Integer(words[0]),
            Function = name[0],
            Key = name.ElementAtOrDefault(1),
            Value = name[0] == "read" ? null : value,
            Result = name[0] == "read" && outcome == KlOutcome.Ok ? value : null,
            Start = Integer(times[0]),
            End = outcome == KlOutcome.Unknown ? null : Integer(times[1]),
            Outcome = outcome,
        };
    }

    private static object? Value(string text) => text[0] switch
    {
        '[' => Items(text).Select(item => (object?)Integer(item)).ToArray(),
        '{' => Items(text).ToDictionary(item => (object)item[..1], item => (object?)Integer(item[1..])),
        'n' => null,
        _ => Integer(text),
    };

    private static string[] Items(string text) => text[1..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static long Integer(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
