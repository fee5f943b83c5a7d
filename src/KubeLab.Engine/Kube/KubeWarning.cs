using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Kube;

/// <summary>The texts of Warning headers: 299 - "text" "date", separated by commas.</summary>
/// <remarks>RFC 7234, 5.5; apimachinery pkg/util/net: ParseWarningHeaders. The rest of a header after malformed text is dropped, as in client-go.</remarks>
internal static partial class KubeWarning
{
    public static IEnumerable<string> Read(IEnumerable<string> headers)
    {
        foreach (var header in headers)
            for (var rest = header.Trim(); Warning().Match(rest) is { Success: true } one; rest = rest[one.Length..])
            {
                var text = Escape().Replace(one.Groups["text"].Value, "$1");
                text = Encoded().Replace(text, Decoded);
                if (one.Groups["agent"].Value.Any(char.IsControl) || text.Any(char.IsControl) || text.Contains('\uFFFD', StringComparison.Ordinal))
                    break;
                if (one.Groups["code"].Value == "299" && text.Length > 0)
                    yield return text;
            }
    }

    // RFC 2047: the encoding of warnings before RFC 7234.
    private static string Decoded(Match word)
    {
        try
        {
            var (text, isBase64) = (word.Groups["text"].Value, word.Groups["how"].Value is "B" or "b");
            var bytes = isBase64 ? Convert.FromBase64String(text)
                : Encoding.Latin1.GetBytes(Hex().Replace(text.Replace('_', ' '), hex => $"{(char)Convert.ToByte(hex.Groups[1].Value, 16)}"));
            return (word.Groups["charset"].Value.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
        }
        catch (FormatException)
        {
            return word.Value;
        }
    }

    [GeneratedRegex("""^(?<code>[0-9]{3}) (?<agent>[^ ]+) "(?<text>(\\.|[^"\\])*)"\s*("[^"]*")?\s*(,\s*|$)""",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Warning();

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex Escape();

    [GeneratedRegex(@"=\?(?<charset>utf-8|iso-8859-1|us-ascii)\?(?<how>[bq])\?(?<text>[^?]*)\?=", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Encoded();

    [GeneratedRegex("=([0-9A-Fa-f]{2})")]
    private static partial Regex Hex();
}
