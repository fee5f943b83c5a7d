using System.Management.Automation;
using System.Management.Automation.Host;

namespace KubeLab.Host;

/// <summary>Shows what a script writes, where pwsh shows it: errors on standard error, all else on standard output.</summary>
internal sealed partial class ConsoleUi : PSHostUserInterface, IDisposable
{
    private readonly Terminal _terminal;
    private readonly bool _nonInteractive;
    private readonly ProgressBars _bars;
    private readonly Lock _turn = new();
    private bool _midLine;

    public ConsoleUi(Terminal terminal, bool nonInteractive)
    {
        (_terminal, _nonInteractive) = (terminal, nonInteractive);
        _bars = new(terminal);
        RawUI = new ConsoleRawUi(terminal);
    }

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI { get; }

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal => _terminal.IsTerminal;

    /// <summary>All that is written goes to standard error.</summary>
    public bool AllIsError { get; set; }

    /// <summary>Leaves the terminal to a program that writes to it itself, or takes it back.</summary>
    public void GiveWay(bool begins)
    {
        lock (_turn)
        {
            if (begins)
                _bars.Hide();
            else
                _bars.Show();
        }
    }

    /// <inheritdoc/>
    public override void Write(string value) => Put(_terminal.Out, value);

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Put(_terminal.Out, Paint(foregroundColor, backgroundColor, value));

    /// <inheritdoc/>
    public override void WriteLine(string value) => Put(_terminal.Out, value + "\n");

    /// <inheritdoc/>
    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Put(_terminal.Out, Paint(foregroundColor, backgroundColor, value) + "\n");

    /// <inheritdoc/>
    public override void WriteErrorLine(string value) => Put(_terminal.Error, value + "\n");

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => Marked(FormatStyle.Debug, "DEBUG: ", message);

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => Marked(FormatStyle.Verbose, "VERBOSE: ", message);

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => Marked(FormatStyle.Warning, "WARNING: ", message);

    /// <inheritdoc/>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_turn)
            _bars.Update(sourceId, record, visible: !_midLine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
            _bars.Hide();
        // .NET leaves the arrow keys in application mode (dotnet/runtime 27626).
        if (_terminal.IsTerminal)
            _terminal.Out.Write("\e[?1l");
        _stop.Dispose();
    }

    private static string Paint(ConsoleColor foreground, ConsoleColor background, string value)
    {
        var colours = (Enum.IsDefined(foreground) ? PSStyle.MapForegroundColorToEscapeSequence(foreground) : "")
            + (Enum.IsDefined(background) ? PSStyle.MapBackgroundColorToEscapeSequence(background) : "");
        return colours.Length == 0 ? value : colours + value + PSStyle.Instance.Reset;
    }

    private void Marked(FormatStyle style, string mark, string message) =>
        WriteLine(GetFormatStyleString(style) + mark + message + PSStyle.Instance.Reset);

    private void Put(TextWriter writer, string value)
    {
        lock (_turn)
        {
            _bars.Hide();
            (AllIsError ? _terminal.Error : writer).Write(GetOutputString(value, SupportsVirtualTerminal));
            _midLine = !value.EndsWith('\n') && (_midLine || value.Length > 0);
            if (!_midLine)
                _bars.Show();
        }
    }
}
