using System.Globalization;

namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Describes operations and values in words.</summary>
internal static class OperationText
{
    private const int Longest = 60;

    /// <summary>A function with its key and argument, such as "write 3".</summary>
    public static string Of(KlOperation operation) =>
        operation.Function + (operation.Key is null ? "" : $" of key {Value(operation.Key)}") + (operation.Value is null ? "" : $" {Value(operation.Value)}");

    /// <summary>A function with its key, its argument, and what became of it, such as "read of key 1: 3". The steps of a transaction contain its
    /// results.</summary>
    public static string Done(KlOperation operation) => operation switch
    {
        { Outcome: KlOutcome.Fail } => $"{Of(operation)} failed",
        { Outcome: KlOutcome.Unknown } => $"{Of(operation)}, no answer",
        { Value: IReadOnlyList<object?>, Result: IReadOnlyList<object?> } => Of(operation with { Value = operation.Result }),
        { Value: null } or { Result: not null } => $"{Of(operation)}: {Value(operation.Result)}",
        _ => Of(operation),
    };

    /// <summary>When an operation was called, such as "at 4.2 s", or its position.</summary>
    public static string Time(KlOperation operation, bool hasTimes) =>
        hasTimes ? string.Create(CultureInfo.InvariantCulture, $"at {operation.Start / 1e9:0.0##} s") : $"(operation {operation.Index})";

    /// <summary>A value, as in EDN. Long values are cut.</summary>
    public static string Value(object? value) => Shorten(value switch
    {
        null => "nil",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        IReadOnlyList<object?> list => $"[{string.Join(' ', list.Take(Longest).Select(Value))}]",
        IReadOnlyDictionary<object, object?> map => $"{{{string.Join(", ", map.Take(Longest).Select(entry => $"{Value(entry.Key)} {Value(entry.Value)}"))}}}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    });

    private static string Shorten(string text) => text.Length <= Longest ? text : $"{text[..(Longest / 2)]} ... {text[^(Longest / 2)..]}";
}
