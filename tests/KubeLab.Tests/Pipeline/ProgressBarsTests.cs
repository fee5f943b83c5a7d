using System.Management.Automation;
using KubeLab.Host;

namespace KubeLab.Tests.Pipeline;

public sealed class ProgressBarsTests : IDisposable
{
    private const string Up2 = "\e[2F\e[0J";
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Bars_are_below_the_output_and_redrawn_in_place()
    {
        using var ui = new ConsoleUi(new Terminal(TextReader.Null, _out, _error) { IsTerminal = true, Size = () => (60, 20) }, nonInteractive: true);

        ui.WriteProgress(1, new(1, "kubernetes-1", "booting"));
        ui.WriteProgress(2, new(1, "web", "pushing") { PercentComplete = 40 });
        ui.WriteLine("a line");
        ui.WriteProgress(1, new(1, "kubernetes-1", "done") { RecordType = ProgressRecordType.Completed });

        var pushing = "web: pushing".PadRight(12) + "  40% [########            ]\n";
        Assert.Equal("kubernetes-1: booting\n" + "\e[1F\e[0J" + "kubernetes-1: booting\n" + pushing + Up2 + "a line\n" + "kubernetes-1: booting\n" + pushing
            + Up2 + pushing, _out.ToString());
    }

    [Fact]
    public void A_bar_never_wraps()
    {
        var bars = new ProgressBars(new Terminal(TextReader.Null, _out, _error) { IsTerminal = true, Size = () => (40, 20) });

        bars.Update(1, new(1, "kubernetes-1", new string('x', 100)) { PercentComplete = 5 }, visible: true);

        Assert.Equal(39, _out.ToString().TrimEnd('\n').Length);
    }

    [Fact]
    public void Without_a_terminal_each_step_is_a_line_on_standard_error()
    {
        var bars = new ProgressBars(new Terminal(TextReader.Null, _out, _error));

        foreach (var status in new[] { "pulling", "1 of 9 MB", "2.5 of 9 MB", "starting", "starting" })
            bars.Update(1, new(1, "web", status), visible: true);

        Assert.Equal("web: pulling\nweb: 1 of 9 MB\nweb: starting\n", _error.ToString());
        Assert.Empty(_out.ToString());
    }
}
