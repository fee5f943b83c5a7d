using System.Globalization;
using System.Text;

namespace KubeLab.Engine.Reliability.History;

/// <summary>Reads values in EDN, the notation of Clojure, or in JSON, one after another.</summary>
/// <remarks>Keywords, symbols and characters become strings, vectors, lists and sets become lists. Tags are dropped, except those of a pair of a key and a
/// value, which becomes a <see cref="KeyedValue"/>. Integers and ratios that a long cannot hold stay as text. JSON is read as a dialect of EDN with
/// colons between names and values.</remarks>
internal sealed partial class EdnReader(TextReader text, string file, bool isJson, int line = 1)
{
    private static readonly object Close = new();
    private readonly StringBuilder _token = new();
    private int _next = text.Read();
    private int _length;

    /// <summary>The line of the next character.</summary>
    public int Line { get; private set; } = line;

    /// <summary>Moves to the next value. Values may be in a list around all.</summary>
    /// <returns>Whether there is another value.</returns>
    public bool MoveNext()
    {
        _length = 0;
        SkipSpace();
        return _next >= 0;
    }

    /// <summary>Enters a list, if one begins here.</summary>
    public bool TryOpenList() => _next is '[' or '(' && Next() >= 0;

    /// <summary>Leaves the list that <see cref="TryOpenList"/> entered, if it ends here.</summary>
    public bool TryCloseList() => _next is ']' or ')' && Next() >= 0;

    /// <summary>Reads a value.</summary>
    public object? Read() => Read(0) is var value && value == Close ? throw Invalid("a bracket closes nothing") : value;

    /// <summary>Creates the error for text that cannot be read.</summary>
    public KlException Invalid(string message) => HistoryError.At(file, Line, message);

    private object? Read(int depth)
    {
        if (depth > HistoryLimits.Depth)
            throw Invalid($"lists and maps are nested deeper than {HistoryLimits.Depth} levels");
        while (true)
        {
            SkipSpace();
            switch (_next)
            {
                case < 0:
                    throw Invalid("the file ends within a value");
                case '[' or '(':
                    return ReadList(depth, Next() == '[' ? ']' : ')').ToArray();
                case '{':
                    Next();
                    return ReadMap(depth);
                case ']' or ')' or '}':
                    return Close;
                case '"':
                    Next();
                    return ReadString();
                case '^' when !isJson:
                    // Metadata.
                    Next();
                    ReadItem(depth);
                    continue;
                case '\'' when !isJson:
                    Next();
                    continue;
                case '\\' when !isJson:
                    Next();
                    _token.Clear().Append((char)Math.Max(Next(), ' '));
                    return Character(ReadToken());
                case '#' when !isJson:
                    Next();
                    switch (_next)
                    {
                        case '_':
                            Next();
                            ReadItem(depth);
                            continue;
                        case '{':
                            Next();
                            return ReadList(depth, '}').ToArray();
                        case '"':
                            continue;
                        default:
                            return ReadTagged(depth);
                    }

                default:
                    _token.Clear();
                    return ReadToken() is { Length: > 0 } token ? Atom(token) : throw Invalid($"'{(char)Next()}' is not expected");
            }
        }
    }

    private object? ReadItem(int depth) => Read(depth + 1) is var item && item == Close ? throw Invalid($"'{(char)_next}' is not expected") : item;

    private List<object?> ReadList(int depth, char close)
    {
        var items = new List<object?>();
        while (Read(depth + 1) is var item && item != Close)
            items.Add(item);
        return Next() == close ? items : throw Invalid($"'{close}' is missing");
    }

    private Dictionary<object, object?> ReadMap(int depth)
    {
        var map = new Dictionary<object, object?>(ValueComparer.Instance);
        while (Read(depth + 1) is var key && key != Close)
            // A JSON name is always text, also that of an account.
            map[isJson && key is string name && long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number.ToString(CultureInfo.InvariantCulture) == name ? number : key ?? "nil"] = ReadItem(depth);
        return Next() == '}' ? map : throw Invalid("'}' is missing");
    }

    private object? ReadTagged(int depth)
    {
        _token.Clear();
        var tag = ReadToken();
        if (tag.StartsWith('#'))
            return tag switch
            {
                "#Inf" => double.PositiveInfinity,
                "#-Inf" => double.NegativeInfinity,
                "#NaN" => double.NaN,
                _ => throw Invalid($"'#{Shorten(tag)}' is not EDN"),
            };
        if (tag.Length == 0 || tag[0] == '=')
            throw Invalid($"'#{Shorten(tag)}' is not EDN");
        var value = ReadItem(depth);
        return !tag.EndsWith("Tuple", StringComparison.Ordinal) && !tag.EndsWith("MapEntry", StringComparison.Ordinal) ? value
            : value switch
            {
                IReadOnlyList<object?> { Count: 2 } pair => new KeyedValue(pair[0], pair[1]),
                IReadOnlyDictionary<object, object?> map when map.TryGetValue("key", out var key) && map.TryGetValue("value", out var keyed) =>
                    new KeyedValue(key, keyed),
                _ => value,
            };
    }

    private void SkipSpace()
    {
        while (true)
        {
            // Colons separate names and values in JSON.
            while (_next == ',' || (_next >= 0 && char.IsWhiteSpace((char)_next)) || (isJson && _next == ':'))
                Next();
            if (_next != ';' || isJson)
                return;
            while (_next is >= 0 and not '\n')
                Next();
        }
    }

    private int Next()
    {
        var c = _next;
        if (++_length > HistoryLimits.Length)
            throw Invalid($"an operation is longer than {HistoryLimits.Length >> 20} million characters");
        if (c == '\n')
            Line++;
        _next = text.Read();
        return c;
    }
}
