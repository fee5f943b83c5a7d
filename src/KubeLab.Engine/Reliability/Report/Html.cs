using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Markup that is written as an interpolated string: <c>Html cell = $"&lt;td&gt;{name}&lt;/td&gt;"</c>. Inserted text is always encoded; only
/// inserted <see cref="Html"/> stays markup.</summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private readonly StringBuilder _markup = new(literalLength + 16 * formattedCount);

    /// <summary>Text that already is markup.</summary>
    public static Html Markup(string markup)
    {
        var html = new Html(markup.Length, 0);
        html.AppendLiteral(markup);
        return html;
    }

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(string? text) => _markup.Append(SecurityElement.Escape(Clean(text ?? "")));

    public void AppendFormatted(double number) => _markup.Append(CultureInfo.InvariantCulture, $"{Math.Round(number, 3)}");

    public void AppendFormatted(Html? markup) => _markup.Append(markup?._markup);

    public void AppendFormatted(IEnumerable<Html> markup) => _markup.AppendJoin("\n", markup.Select(one => one._markup));

    /// <summary>Makes control characters visible, and replaces what neither XML nor UTF-8 can contain by U+FFFD.</summary>
    public static string Clean(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Printable.Text(text))).Replace('\uFFFE', '\uFFFD').Replace('\uFFFF', '\uFFFD');

    /// <summary>The markup.</summary>
    public override string ToString() => _markup.ToString();
}
