using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Pipeline;

/// <summary>Runs until it is stopped and then writes a warning.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KlHang")]
public sealed class TestKlHang : KlCmdlet
{
    protected override void ProcessRecord() => Start("work", async (events, stop) =>
    {
        events.Step("work", "hangs");
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            events.Warning("work", "something was left behind");
        }
    });
}

/// <summary>The module in a terminal with pwsh.</summary>
public sealed class ConsoleTests
{
    private const string CtrlC = "\u0003";
    private static readonly Dictionary<string, string?> NoVariables = [];

    [Fact]
    public async Task Ctrl_C_stops_the_work_and_its_last_warning_is_shown()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var shown = await ShellProcess.AtTerminalAsync($$"""
            Import-Module '{{typeof(TestKlHang).Assembly.Location}}'
            try { Test-KlHang; 'not stopped' } finally { $Host.UI.WriteLine('cleaned') }
            """, NoVariables, ("hangs", CtrlC));

        Assert.Contains("WARNING: work: something was left behind", shown, StringComparison.Ordinal);
        Assert.Contains("cleaned", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("not stopped", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n\r", false)]
    [InlineData("y\r", true)]
    public async Task Confirm_prompts_in_a_terminal_and_nothing_is_changed_before_the_answer(string answer, bool isDone)
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var fake = await FakeApi.StartAsync();
        using var folder = new Folder();

        await ShellProcess.AtTerminalAsync("New-KlNamespace x -Confirm", await ConfigAsync(folder, fake), ("(default is \"Y\")", answer));

        Assert.Equal(isDone, !fake.Seen.IsEmpty);
    }

    private static async Task<Dictionary<string, string?>> ConfigAsync(Folder folder, FakeApi fake)
    {
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));
        return new() { ["KUBECONFIG"] = config };
    }
}
