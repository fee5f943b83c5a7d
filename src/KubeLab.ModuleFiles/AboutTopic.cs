using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.ModuleFiles;

/// <summary>Creates an about topic for Get-Help from a Markdown document.</summary>
internal static partial class AboutTopic
{
    private const int Width = 80;

    /// <summary>Creates the text of a topic. The title of the document is its short description.</summary>
    public static string Of(string name, string markdown)
    {
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        var text = new StringBuilder($"TOPIC\n    {name}\n\nSHORT DESCRIPTION\n    {Plain(lines[0].TrimStart('#', ' '))}\n\nLONG DESCRIPTION\n");
        var paragraph = new List<string>();
        var isCode = false;
        foreach (var line in lines.Skip(1))
        {
            var isFence = line.StartsWith("```", StringComparison.Ordinal);
            var starts = isFence || line.Length == 0 || line[0] is '#' or '|' || line.StartsWith("- ", StringComparison.Ordinal);
            if (starts && !isCode)
                Flush();
            if (isFence)
                isCode = !isCode;
            else if (isCode)
                text.Append("        ").Append(line).Append('\n');
            else if (line.StartsWith('#'))
                text.Append(Plain(line.TrimStart('#', ' ')).ToUpperInvariant()).Append('\n');
            else if (line.StartsWith('|'))
                Row(line);
            else if (line.Length == 0)
                text.Append('\n');
            else
                paragraph.Add(line.Trim());
            if (isFence && !isCode)
                text.Append('\n');
        }
        Flush();
        return Blank().Replace(text.ToString(), "\n\n").TrimEnd() + "\n";

        void Flush()
        {
            if (paragraph.Count > 0)
                Wrap(string.Join(' ', paragraph), "    ", paragraph[0].StartsWith("- ", StringComparison.Ordinal) ? "      " : "    ");
            paragraph.Clear();
        }

        // The first cell, and the others below it.
        void Row(string line)
        {
            var cells = Cell().Split(line.Trim('|', ' ')).Select(cell => cell.Trim()).ToList();
            if (cells.TrueForAll(cell => cell.Trim('-', ':').Length == 0))
                return;
            foreach (var (cell, i) in cells.Select((cell, i) => (cell, i)))
                foreach (var command in cell.Split("`, `"))
                    Wrap(command, i == 0 ? "    " : "        ", i == 0 ? "    " : "        ");
        }

        void Wrap(string words, string first, string next)
        {
            var at = first;
            foreach (var word in Plain(words).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (at.Length > next.Length && at.Length + word.Length + 1 > Width)
                {
                    text.Append(at).Append('\n');
                    at = next;
                }
                at += at.EndsWith(' ') ? word : " " + word;
            }
            text.Append(at).Append('\n');
        }
    }

    private static string Plain(string markdown) => Link().Replace(markdown, "$1").Replace("\\|", "|", StringComparison.Ordinal)
        .Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]*\)")]
    private static partial Regex Link();

    // A bar that is not part of a cell.
    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex Blank();
}
