using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Nodes.Logs;

/// <summary>Reads the output of Scripts/nodelog.sh. Nothing in it is trusted.</summary>
/// <param name="node">The node.</param>
/// <param name="query">The lines to read.</param>
/// <param name="write">Receives the lines.</param>
internal sealed partial class NodeLogReader(string node, NodeLogQuery query, Action<KlNodeLogLine> write)
{
    private const int MaxLogs = 10_000;
    private const int MaxLine = 1 << 20;

    private readonly Dictionary<string, Log> _logs = [];
    private DateTimeOffset? _cutoff;

    /// <summary>The patterns that no container matches.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Reads a line.</summary>
    public void Take(string line)
    {
        // The rest of a line that was too long has no prefix.
        if (line.Split(' ', 2) is not [var kind, var rest])
            return;
        switch (kind)
        {
            case "T" when query.Seconds is { } age && uint.TryParse(rest, CultureInfo.InvariantCulture, out var now):
                _cutoff = DateTimeOffset.FromUnixTimeSeconds(now) - TimeSpan.FromSeconds(age);
                break;
            case "S" when rest.Split(' ', 3) is [var number, var type, var name] && _logs.Count < MaxLogs:
                _logs[number] = new(name, type == "journal");
                break;
            case "L" when rest.Split(' ', 2) is [var number, var text] && _logs.TryGetValue(number, out var log):
                if (log.IsJournal)
                    Journal(log, text);
                else
                    Container(log, text);
                break;
            case "N" when Missing.Count < MaxLogs:
                Missing.Add(rest);
                break;
        }
    }

    // SECONDS.MICROSECONDS HOST MESSAGE. Further lines of a message are indented.
    private void Journal(Log log, string text)
    {
        if (JournalLine().Match(text) is { Success: true } match)
        {
            log.Time = uint.TryParse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture, out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(int.Parse(match.Groups["micro"].Value, CultureInfo.InvariantCulture)) : null;
            text = match.Groups["text"].Value;
            // The source says it already. Messages of systemd about a unit keep their prefix.
            if (Identifier().Match(text) is { Success: true } own && own.Groups["name"].Value == log.Name)
                text = text[own.Length..];
        }
        else
            text = text.TrimStart();
        Write(log, log.Time, text);
    }

    // TIME STREAM TAG TEXT. The tag is P for a part of a line and F for the last part.
    private void Container(Log log, string text)
    {
        if (text.Split(' ', 4) is not [var time, "stdout" or "stderr", var tag, var part] || !DateTimeOffset.TryParse(
            time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var written))
        {
            Write(log, null, text);
            return;
        }
        log.Line.Append(part);
        if (tag.Split(':')[0] == "P" && log.Line.Length < MaxLine)
            return;
        var line = log.Line.ToString();
        log.Line.Clear();
        Write(log, written, line);
    }

    private void Write(Log log, DateTimeOffset? time, string text)
    {
        if (_cutoff is null || time is null || time >= _cutoff)
            write(new(node, log.Name, time, text));
    }

    [GeneratedRegex(@"^(?<seconds>[0-9]{1,10})\.(?<micro>[0-9]{6}) \S+ (?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex JournalLine();

    [GeneratedRegex(@"^(?<name>[^ :\[]+)(\[[0-9]+\])?: ")]
    private static partial Regex Identifier();

    private sealed class Log(string name, bool isJournal)
    {
        public string Name { get; } = name;

        public bool IsJournal { get; } = isJournal;

        public DateTimeOffset? Time { get; set; }

        public StringBuilder Line { get; } = new();
    }
}
