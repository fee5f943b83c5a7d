using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Reads values of operations.</summary>
internal static class Values
{
    // The end of a list says what is new in it.
    private const int MaxShown = 8;

    /// <summary>Returns an integer.</summary>
    public static long Integer(KlOperation operation, object? value) => value is long number
        ? number
        : throw ModelError.Of(operation, $"has the value '{Text(value)}', which is not an integer", "The values of this model are integers.");

    /// <summary>Returns a list.</summary>
    public static IReadOnlyList<object?> List(KlOperation operation, object? value) => value as IReadOnlyList<object?>
        ?? throw ModelError.Of(operation, $"has the value '{Text(value)}', which is not a list", "A read of this model returns the list of elements.");

    /// <summary>Returns a map.</summary>
    public static IReadOnlyDictionary<object, object?> Map(KlOperation operation, object? value) => value as IReadOnlyDictionary<object, object?>
        ?? throw ModelError.Of(operation, $"has the value '{Text(value)}', which is not a map", "A read of this model returns a map of balances.");

    /// <summary>A value as text.</summary>
    public static string Text(object? value) => value switch
    {
        null => "nil",
        IReadOnlyList<object?> list => $"[{(list.Count > MaxShown ? "... " : "")}{string.Join(' ', list.Skip(list.Count - MaxShown).Select(Text))}]",
        _ => Printable.Text(FormattableString.Invariant($"{value}")),
    };
}
