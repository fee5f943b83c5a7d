using System.Globalization;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>A key of a store with put, get and append. Its text is empty at the beginning; nil is the empty text.</summary>
internal sealed class KeyValueCompiler : ModelCompiler
{
    public KeyValueCompiler(SearchBudget budget)
    {
        Texts = new(budget);
        Initial = Texts.NumberOf("");
    }

    public override TextStates Texts { get; }

    public override (CallKind Kind, int A, int B)? Describe(KlOperation operation) => operation.Function switch
    {
        "get" or "read" when operation.Outcome != KlOutcome.Ok => (CallKind.Read, 0, 0),
        "get" or "read" when TextOf(operation.Result) is { } text => (CallKind.Read, Texts.NumberOfRead(text), 0),
        "put" or "write" when TextOf(operation.Value) is { } text => (CallKind.Write, 0, Texts.NumberOf(text)),
        "append" when TextOf(operation.Value) is { } text => (CallKind.Append, 0, Texts.NumberOf(text)),
        _ => null,
    };

    private static string? TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        long or double or bool => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
