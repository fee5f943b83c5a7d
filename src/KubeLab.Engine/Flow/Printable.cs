using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Flow;

/// <summary>Escapes control characters in text from outside. A terminal would execute them, and bidirectional characters reorder the text.</summary>
public static partial class Printable
{
    private const string Reset = "\e[0m";

    /// <summary>Escapes control characters: ^[ as in cat -v, &lt;U+202E&gt; as in less. Line ends and tabs are kept.</summary>
    public static string Text(string text) => Controls().Replace(text, static found => Shown(found.Value));

    /// <summary>Like <see cref="Text"/>, but keeps the colors of a log line, as less -R does. The colors are reset at the end of the line.</summary>
    public static string Log(string line)
    {
        var isColoured = false;
        var shown = ColoursAndControls().Replace(line, found =>
        {
            var isColour = found.Length > 1 && found.Value[0] == '\e';
            isColoured |= isColour;
            return isColour ? found.Value : Shown(found.Value);
        });
        return isColoured ? shown + Reset : shown;
    }

    private static string Shown(string control) => char.ConvertToUtf32(control, 0) switch
    {
        0x7F => "^?",
        < ' ' and var code => $"^{(char)(code + '@')}",
        var code => string.Create(CultureInfo.InvariantCulture, $"<U+{code:X4}>"),
    };

    // Joiners are parts of some scripts and of emoji. The last alternative is the block of invisible tag characters.
    private const string Control = @"(?!\r\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}-[\n\t\u200C\u200D]]|\uDB40[\uDC00-\uDC7F]";

    [GeneratedRegex(Control)]
    private static partial Regex Controls();

    [GeneratedRegex(@"\x1B\[[0-9;:]*m|" + Control)]
    private static partial Regex ColoursAndControls();
}
