using System.Diagnostics;
using KubeLab.Host;

namespace KubeLab.Tests.Pipeline;

/// <summary>The console host does what pwsh does with a script.</summary>
public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubelab-");
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _out.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("Get-Command no-such-thing", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command no-such-thing", 1)]
    [InlineData("if (", 1)]
    [InlineData("param([Parameter(Mandatory)] [int] $Count) $Count", 1)]
    [InlineData("try { exit 4 } finally { 'left' }", 4)]
    public void A_script_ends_with_the_exit_code_that_pwsh_would_give(string script, int code) => Assert.Equal(code, RunFile(script));

    [Theory]
    [InlineData("-Name", "a b", "-Force", "a b|True|1|")]
    [InlineData("-Name:it's", "-Force:$false", "-Count:2", "it's|False|2|")]
    [InlineData("x", "5", "-Force", "x|True|5|")]
    [InlineData("x", "-1", "rest -5", "x|False|-1|rest -5")]
    public void Arguments_are_bound_as_pwsh_binds_them(string first, string second, string third, string bound)
    {
        RunFile("param([string] $Name, [int] $Count = 1, [switch] $Force, [Parameter(ValueFromRemainingArguments)] $Rest) \"$Name|$Force|$Count|$Rest\"", first, second, third);

        Assert.Equal(bound + "\n", _out.ToString());
    }

    [Fact]
    public void Errors_go_to_standard_error_and_all_else_to_standard_output()
    {
        RunFile("$DebugPreference = 'Continue'; function f { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v'); $PSCmdlet.WriteDebug('d'); 'o' }\n" +
            "f -Verbose; Get-Command no-such-thing");

        Assert.Equal("WARNING: w\nVERBOSE: v\nDEBUG: d\no\n", _out.ToString());
        Assert.StartsWith("Get-Command: ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_that_ends_a_script_is_shown_with_its_place()
    {
        RunFile("\nthrow 'the reason'");

        Assert.Contains("script.ps1:2", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("the reason", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public void Long_texts_are_wrapped_at_words()
    {
        RunText($"function f {{ <#\n.SYNOPSIS\n{string.Concat(Enumerable.Repeat("longword ", 40))}\n#> }}; Get-Help f", "");

        Assert.All(_out.ToString().Split('\n').Where(line => line.Contains("longword", StringComparison.Ordinal)), line => Assert.EndsWith("longword", line.TrimEnd(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_knows_its_folder()
    {
        RunFile("$PSScriptRoot");

        Assert.Equal(_folder.FullName + "\n", _out.ToString());
    }

    [Theory]
    [InlineData("y\ny\n", "did 1, did 2", 2)]
    [InlineData("?\nmaybe\nYes\nn\n", "did 1", 4)]
    [InlineData("a\n", "did 1, did 2", 1)]
    [InlineData("\n\n", "did 1, did 2", 2)]
    public void Confirm_asks(string answers, string done, int questions)
    {
        RunText("function f { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param([Parameter(ValueFromPipeline)] $In)" +
            " process { if ($PSCmdlet.ShouldProcess($In)) { $did.Add(\"did $In\") } } }; $did = [Collections.Generic.List[string]]::new(); 1, 2 | f; 'so: ' + ($did -join ', ')", answers);

        Assert.EndsWith($"so: {done}\n", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(questions, _out.ToString().Split("(default is \"Y\")").Length - 1);
    }

    [Fact]
    public void A_question_that_nobody_answers_is_an_error()
    {
        Assert.Equal(1, RunText("$Host.UI.PromptForChoice('c', 'm', @('&Yes'), -1)", ""));
        Assert.Contains("standard input has ended", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_and_missing_parameters_are_asked_for()
    {
        RunText("function f { [CmdletBinding()] param([Parameter(Mandatory)] [int[]] $Port) \"$($Port[1] + 1)\" }; f\n" +
            "$Host.UI.PromptForCredential('', '', 'root', '').GetNetworkCredential().Password", "80\n443\n\nsecret\n");

        Assert.EndsWith("444\nPassword for user root: secret\n", _out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_script_runs_its_finally_blocks_and_ends_with_130()
    {
        var gates = new Gates();
        using var told = new Announcer(gates);
        using var host = new ConsoleHost(new Terminal(TextReader.Null, told, _error), nonInteractive: false);
        var run = Task.Run(() => Session.Run(CommandLine.Parse(["-Command", "try { 'ready'; while ($true) { [Threading.Thread]::Sleep(10) } } finally { $Host.UI.WriteLine('cleaned') }"])!, host));

        await gates.Of("ready\n").WaitAsync(Gates.Patience);
        host.Stop();

        Assert.Equal(Session.Interrupted, await run.WaitAsync(Gates.Patience));
        Assert.True(gates.Of("cleaned\n").IsCompleted);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_the_script(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = ShellProcess.Start("KubeLab.Host", "-Command", "try { 'ready'; while ($true) { [Threading.Thread]::Sleep(10) } } finally { $Host.UI.WriteLine('cleaned') }");

        try
        {
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);

            Assert.Equal("cleaned", await process.StandardOutput.ReadLineAsync().WaitAsync(Gates.Patience));
            await process.WaitForExitAsync().WaitAsync(Gates.Patience);
        }
        finally
        {
            process.Kill();
        }
        Assert.Equal(Session.Interrupted, process.ExitCode);
    }

    private int RunFile(string script, params string[] arguments)
    {
        var path = Path.Combine(_folder.FullName, "script.ps1");
        File.WriteAllText(path, script);
        return Run(CommandLine.Parse([path, .. arguments])!, "");
    }

    private int RunText(string script, string answers) => Run(CommandLine.Parse(["-Command", script])!, answers);

    private int Run(CommandLine line, string answers)
    {
        using var input = new StringReader(answers);
        using var host = new ConsoleHost(new Terminal(input, _out, _error), nonInteractive: false);
        return Session.Run(line, host);
    }

    /// <summary>Opens a gate for all that is written.</summary>
    private sealed class Announcer(Gates gates) : StringWriter
    {
        public override void Write(string? value) => gates.Open(value!);
    }
}
