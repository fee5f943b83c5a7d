using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.History;

/// <summary>Reads histories: operations of Jepsen in EDN, its log, and JSON lines.</summary>
public static class HistoryReader
{
    private const int Sample = 4096;

    /// <summary>Reads a file. Its content determines the format.</summary>
    /// <exception cref="KlException">HistoryInvalid: the file cannot be read or is not a history.</exception>
    public static OperationHistory ReadFile(string path, CancellationToken stop)
    {
        try
        {
            using var text = new StreamReader(path);
            return Read(text, path, stop);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw HistoryError.Of(path, $"'{path}' could not be read: {IoError.Describe(error)}", error);
        }
    }

    /// <summary>Reads a text. Its content determines the format.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="stop">Cancels reading.</param>
    /// <exception cref="KlException">HistoryInvalid: the text is not a history.</exception>
    public static OperationHistory Read(TextReader text, string file, CancellationToken stop)
    {
        var start = new char[Sample];
        var sample = start.AsSpan(0, text.ReadBlock(start, 0, Sample)).ToString();
        using var whole = new JoinedText(sample, text);
        var events = new EventList(file);
        if (SkipComments(sample) is [] or ['{' or '[' or '(' or '#' or '^', ..])
            ReadValues(new EdnReader(whole, file, IsJson(sample)), events, stop);
        else
            JepsenLog.Read(whole, file, events, stop);
        return events.ToHistory(Path.GetFileName(file));
    }

    private static void ReadValues(EdnReader reader, EventList events, CancellationToken stop)
    {
        var isInList = false;
        while (reader.MoveNext())
        {
            stop.ThrowIfCancellationRequested();
            if (isInList ? reader.TryCloseList() : reader.TryOpenList())
            {
                isInList = !isInList;
                continue;
            }
            var line = reader.Line;
            events.Add(line, reader.Read() as IReadOnlyDictionary<object, object?>
                ?? throw reader.Invalid("an operation must be a map with :process, :type, :f and :value"));
        }
        if (isInList)
            throw reader.Invalid("the file ends within a list");
    }

    private static bool IsJson(string sample) => sample.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace
        && sample.AsSpan(brace + 1).TrimStart() is ['"', ..] && sample.AsSpan(0, brace).Trim() is [] or ['['];

    private static ReadOnlySpan<char> SkipComments(string sample)
    {
        var rest = sample.AsSpan().TrimStart();
        while (rest is [';', ..])
            rest = rest.IndexOf('\n') is >= 0 and var end ? rest[end..].TrimStart() : [];
        return rest;
    }

    // The text with the sample before it.
    private sealed class JoinedText(string sample, TextReader rest) : TextReader
    {
        private int _position;

        public override int Read() => _position < sample.Length ? sample[_position++] : rest.Read();
    }
}
