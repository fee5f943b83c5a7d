using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Flow;

/// <summary>Text that others wrote, safe to print: a terminal obeys control characters, and bidirectional ones change what is read.</summary>
public static partial class Printable
{
    private const string Reset = "\e[0m";

    /// <summary>The text with its control characters visible: ^[ as cat -v shows Escape, &lt;U+202E&gt; as less shows what is not ASCII. Line ends and tabs stay.</summary>
    public static string Text(string text) => Controls().Replace(text, static found => Shown(found.Value));

    /// <summary>As above, but the colours of a log line stay, as less -R keeps them; they end with the line.</summary>
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

    // Joiners are letters of some scripts and parts of emoji. The last alternative is a plane of invisible copies of ASCII.
    private const string Control = @"(?!\r\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}-[\n\t\u200C\u200D]]|\uDB40[\uDC00-\uDC7F]";

    [GeneratedRegex(Control)]
    private static partial Regex Controls();

    [GeneratedRegex(@"\x1B\[[0-9;:]*m|" + Control)]
    private static partial Regex ColoursAndControls();
}
