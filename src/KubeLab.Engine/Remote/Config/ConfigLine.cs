using System.Text;

namespace KubeLab.Engine.Remote.Config;

/// <summary>One line of an ssh_config file.</summary>
/// <param name="File">The file.</param>
/// <param name="Number">The line number, starting at 1.</param>
/// <param name="Keyword">The keyword in lower case.</param>
/// <param name="Rest">The rest of the line after the keyword.</param>
internal sealed record ConfigLine(string File, int Number, string Keyword, string Rest)
{
    private static readonly char[] Blank = [' ', '\t', '\r', '\n'];

    /// <summary>Parses a line; null if it is empty or a comment. One = may separate keyword and value.</summary>
    public static ConfigLine? Parse(string text, string file, int number)
    {
        var line = text.TrimEnd([.. Blank, '\f']).TrimStart(Blank);
        if (line is "" or ['#', ..])
            return null;
        var end = line.IndexOfAny(line[0] == '"' ? ['"'] : [.. Blank, '=', '"'], 1) is > 0 and var found ? found : line.Length;
        var rest = (line[0] == '"' ? line[Math.Min(end + 1, line.Length)..] : line[end..]).TrimStart(Blank);
        return new(file, number, line[..end].TrimStart('"').ToLowerInvariant(), (rest is ['=', ..] ? rest[1..] : rest).TrimStart(Blank));
    }

    /// <summary>The values, separated by blanks and optionally quoted. A word that starts with # ends them. Null if a quote is not closed.</summary>
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
