using System.Text;

namespace KubeLab.Engine.Remote.Config;

/// <summary>One line of an ssh_config.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Number">Counted from 1.</param>
/// <param name="Keyword">In lower case.</param>
/// <param name="Rest">All that follows the keyword, as it stands there.</param>
internal sealed record ConfigLine(string File, int Number, string Keyword, string Rest)
{
    private static readonly char[] Blank = [' ', '\t', '\r', '\n'];

    /// <summary>Reads a line; null for one that is empty or a comment. One = may stand between keyword and value.</summary>
    public static ConfigLine? Parse(string text, string file, int number)
    {
        var line = text.TrimEnd([.. Blank, '\f']).TrimStart(Blank);
        if (line is "" or ['#', ..])
            return null;
        var end = line.IndexOfAny(line[0] == '"' ? ['"'] : [.. Blank, '=', '"'], 1) is > 0 and var found ? found : line.Length;
        var rest = (line[0] == '"' ? line[Math.Min(end + 1, line.Length)..] : line[end..]).TrimStart(Blank);
        return new(file, number, line[..end].TrimStart('"').ToLowerInvariant(), (rest is ['=', ..] ? rest[1..] : rest).TrimStart(Blank));
    }

    /// <summary>The values: separated by blanks, held together by quotes, up to a word that begins with #. Null where a quote does not end.</summary>
    public IReadOnlyList<string>? Arguments()
    {
        var words = new List<string>();
        for (var at = 0; at < Rest.Length; at++)
        {
            if (Rest[at] is ' ' or '\t')
                continue;
            if (Rest[at] == '#')
                break;
            var word = new StringBuilder();
            char? quote = null;
            for (; at < Rest.Length && (quote is not null || Rest[at] is not (' ' or '\t')); at++)
            {
                var next = at + 1 < Rest.Length ? Rest[at + 1] : '\0';
                if (Rest[at] == '\\' && (next is '\'' or '"' or '\\' || (next == ' ' && quote is null)))
                    word.Append(Rest[++at]);
                else if (quote is null && Rest[at] is '\'' or '"')
                    quote = Rest[at];
                else if (Rest[at] == quote)
                    quote = null;
                else
                    word.Append(Rest[at]);
            }
            if (quote is not null)
                return null;
            words.Add(word.ToString());
        }
        return words;
    }
}
