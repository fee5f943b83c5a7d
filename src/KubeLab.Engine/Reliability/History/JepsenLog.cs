using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Reliability.History;

/// <summary>Reads the operations in a log of Jepsen: "INFO jepsen.util - 4 :invoke :cas [1 2]". Other lines are skipped.</summary>
internal static partial class JepsenLog
{
    private const int LongestLine = 1 << 16;

    /// <summary>Reads all lines.</summary>
    public static void Read(TextReader text, string file, EventList events, CancellationToken stop)
    {
        var buffer = new StringBuilder();
        for (var line = 1; ReadLine(text, buffer); line++)
        {
            stop.ThrowIfCancellationRequested();
            if (Operation().Match(buffer.ToString()) is not { Success: true } match)
                continue;
            using var rest = new StringReader(match.Groups["value"].Value);
            var reader = new EdnReader(rest, file, isJson: false, line);
            events.Add(line, new Dictionary<object, object?>
            {
                ["process"] = long.TryParse(match.Groups["process"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                    ? process : match.Groups["process"].Value,
                ["type"] = match.Groups["type"].Value,
                ["f"] = match.Groups["f"].Value,
                ["value"] = reader.MoveNext() ? reader.Read() : null,
            });
        }
        if (events.IsEmpty)
            throw HistoryError.Of(file, $"'{file}' contains no operations.");
    }

    // A line that is too long cannot be an operation. Its end is not kept.
    private static bool ReadLine(TextReader text, StringBuilder line)
    {
        line.Clear();
        int c;
        while ((c = text.Read()) >= 0 && c != '\n')
            if (line.Length <= LongestLine)
                line.Append((char)c);
        return c >= 0 || line.Length > 0;
    }

    [GeneratedRegex(@"(?:^|\s)(?<process>\d{1,18}|:\w+)\s+:(?<type>invoke|ok|fail|info)\s+:(?<f>\S+)(?:\s+(?<value>.*))?$", RegexOptions.NonBacktracking)]
    private static partial Regex Operation();
}
