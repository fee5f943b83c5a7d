namespace KubeLab.Engine.Reliability.Report;

/// <summary>A table with a caption. It scrolls by itself if it is wider than the page.</summary>
internal static class HtmlTable
{
    /// <summary>Creates a table. The first cell of a row is its header.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="columns">The headers of the columns. A number sign before a header aligns the column to the right. A plus sign is for
    /// a column of sentences, and an equals sign for one of short words.</param>
    /// <param name="rows">The cells of each row. Without rows, the result is empty.</param>
    public static Html Of(string caption, IReadOnlyList<string> columns, IEnumerable<IEnumerable<Html>> rows)
    {
        string Kind(int column) => columns[column][0] switch { '#' => "number", '+' => "wordy", '=' => "word", _ => "text" };
        Html Header(string column, int index) => $"""<th scope="col" class="{Kind(index)}">{column.TrimStart('#', '+', '=')}</th>""";
        Html Cell(Html content, int index) => index == 0 ? (Html)$"""<th scope="row" class="{Kind(index)}">{content}</th>"""
            : $"""<td class="{Kind(index)}">{content}</td>""";
        Html Row(IEnumerable<Html> cells) => $"<tr>{cells.Select(Cell)}</tr>";
        var body = rows.Select(Row).ToList();
        return body.Count == 0 ? (Html)$"" : $"""
            <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table>
            <caption>{caption}</caption>
            <thead><tr>{columns.Select(Header)}</tr></thead>
            <tbody>
            {body}
            </tbody>
            </table></div>
            """;
    }
}
