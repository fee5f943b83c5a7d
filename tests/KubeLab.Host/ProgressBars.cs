using System.Management.Automation;
using System.Text.RegularExpressions;

namespace KubeLab.Host;

/// <summary>One line a bar below the last line of output, redrawn in place; on what is no terminal, a line on standard error for each new step.</summary>
internal sealed partial class ProgressBars(Terminal terminal)
{
    private readonly Dictionary<(long Source, int Activity), ProgressRecord> _bars = [];
    private readonly Dictionary<(long Source, int Activity), string> _said = [];
    private int _drawn;

    /// <summary>Takes in what a cmdlet says of its progress.</summary>
    /// <param name="source">The cmdlet.</param>
    /// <param name="record">What it says.</param>
    /// <param name="visible">Draw it now.</param>
    public void Update(long source, ProgressRecord record, bool visible)
    {
        var key = (source, record.ActivityId);
        if (record.RecordType == ProgressRecordType.Completed)
            _bars.Remove(key);
        else
            _bars[key] = record;
        if (!terminal.IsTerminal)
            Say(key, record);
        else if (visible)
        {
            Hide();
            Show();
        }
    }

    /// <summary>Takes the bars from the screen.</summary>
    public void Hide()
    {
        if (_drawn > 0)
            terminal.Out.Write($"\e[{_drawn}F\e[0J");
        _drawn = 0;
    }

    /// <summary>Draws them again; the cursor is at the start of a line.</summary>
    public void Show()
    {
        if (!terminal.IsTerminal || _drawn > 0)
            return;
        var (width, height) = terminal.Size();
        var lines = _bars.OrderBy(bar => bar.Key).TakeLast(height / 2).Select(bar => Line(bar.Value, width - 1) + "\n").ToList();
        _drawn = lines.Count;
        terminal.Out.Write(string.Concat(lines));
    }

    private static string Line(ProgressRecord bar, int width)
    {
        var share = bar.PercentComplete < 0 ? "" : $" {bar.PercentComplete,3}% [{new string('#', bar.PercentComplete / 5),-20}]";
        var text = $"{bar.Activity}: {bar.StatusDescription}{(bar.CurrentOperation is { Length: > 0 } now ? $" ({now})" : "")}".ReplaceLineEndings(" ");
        var room = Math.Max(width - share.Length, 0);
        return (text.Length > room ? text[..room] : text) + share;
    }

    private void Say((long Source, int Activity) key, ProgressRecord record)
    {
        // Counting is for terminals: "3 of 9 MB" and "4 of 9 MB" are one step.
        var step = Digits().Replace(record.StatusDescription, "#");
        if (record.RecordType == ProgressRecordType.Completed || _said.GetValueOrDefault(key) == step)
            return;
        _said[key] = step;
        terminal.Error.WriteLine($"{record.Activity}: {record.StatusDescription}");
    }

    [GeneratedRegex("[0-9]+([.,][0-9]+)*")]
    private static partial Regex Digits();
}
