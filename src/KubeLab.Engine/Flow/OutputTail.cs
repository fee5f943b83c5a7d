using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Flow;

/// <summary>The end of an output, for an error message: the last lines, without empty lines and terminal control sequences. Thread-safe.</summary>
/// <param name="lines">The maximum number of lines.</param>
public sealed partial class OutputTail(int lines = OutputTail.Lines)
{
    private const int Lines = 20;
    private const int MaxLength = 8 * 1024;
    private readonly StringBuilder _text = new();

    /// <summary>The end of a complete output.</summary>
    public static string Of(string text, int lines = Lines)
    {
        text = text.Length > MaxLength ? text[^MaxLength..] : text;
        return string.Join('\n', ControlSequences().Replace(text, "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.TrimEnd()).Where(line => line.Length > 0).TakeLast(lines));
    }

    /// <summary>Adds a part of the output.</summary>
    public void Add(string text)
    {
        lock (_text)
        {
            _text.Append(text);
            if (_text.Length > 2 * MaxLength)
                _text.Remove(0, _text.Length - MaxLength);
        }
    }

    /// <summary>Adds a part of the output as UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> text) => Add(Encoding.UTF8.GetString(text));

    /// <summary>Adds a line of the output.</summary>
    public void AddLine(string line) => Add(line + "\n");

    /// <summary>The end of the output.</summary>
    public override string ToString()
    {
        lock (_text)
            return Of(_text.ToString(), lines);
    }

    // ECMA-48: CSI sequences, OSC and similar strings, other escape sequences, and control characters except tab and newline.
    [GeneratedRegex(
        @"(\x1B\[|\x9B)[0-?]*[ -/]*[@-~]|(\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])[^\x07\x1B\x9C\n]*(\x07|\x1B\\|\x9C)?|"
        + @"\x1B[ -/]*[0-~]|[\x00-\x08\x0B-\x1F\x7F-\x9F]")]
    private static partial Regex ControlSequences();
}
