using System.Buffers;
using System.Globalization;

namespace KubeLab.Engine.Reliability.History;

// Strings, numbers and names.
internal sealed partial class EdnReader
{
    private static readonly SearchValues<char> Brackets = SearchValues.Create("()[]{}\",;");

    private string ReadString()
    {
        _token.Clear();
        while (true)
            switch (Next())
            {
                case < 0:
                    throw Invalid("the file ends within a string");
                case '"':
                    return _token.ToString();
                case '\\':
                    _token.Append(Escaped(Next()));
                    break;
                case var c:
                    _token.Append((char)c);
                    break;
            }
    }

    private char Escaped(int c) => c switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        'f' => '\f',
        '"' or '\\' or '/' => (char)c,
        'u' => HexDigits(),
        _ => throw Invalid("a string contains an escape that is not known"),
    };

    private char HexDigits()
    {
        Span<char> digits = stackalloc char[4];
        foreach (ref var digit in digits)
            digit = (char)Math.Max(Next(), 0);
        return ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? (char)code
            : throw Invalid("'\\u' needs four hexadecimal digits");
    }

    private static string Character(string name) => name switch
    {
        "newline" => "\n",
        "space" => " ",
        "tab" => "\t",
        "return" => "\r",
        ['u', _, _, _, _] when ushort.TryParse(name.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => $"{(char)code}",
        _ => name,
    };

    private string ReadToken()
    {
        while (_next >= 0 && !char.IsWhiteSpace((char)_next) && !Brackets.Contains((char)_next) && !(isJson && _next == ':'))
            _token.Append((char)Next());
        return _token.ToString();
    }

    private object? Atom(string token)
    {
        switch (token)
        {
            case "nil" when !isJson:
            case "null" when isJson:
                return null;
            case "true":
                return true;
            case "false":
                return false;
        }
        if (char.IsAsciiDigit(token[0]) || (token.Length > 1 && token[0] is '-' or '+' && char.IsAsciiDigit(token[1])))
            return Number(token);
        return isJson ? throw Invalid($"'{Shorten(token)}' is not JSON") : token[0] == ':' ? token[1..] : token;
    }

    private object Number(string token)
    {
        var digits = token.TrimEnd('N', 'M');
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer;
        if (digits.AsSpan(1).ContainsAnyExceptInRange('0', '9') && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            return real;
        // A slash is the character before 0.
        return digits.AsSpan(1).ContainsAnyExceptInRange('/', '9') ? throw Invalid($"'{Shorten(token)}' is not a number") : digits;
    }

    private static string Shorten(string token) => token.Length > 40 ? $"{token[..40]}..." : token;
}
