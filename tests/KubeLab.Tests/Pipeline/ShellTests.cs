using System.Management.Automation;
using System.Text.RegularExpressions;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

/// <summary>Writes its input to all streams through the base class.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KlSay")]
public sealed class TestKlSay : KlCmdlet
{
    [Parameter(ValueFromPipeline = true, Position = 0)]
    public string Word { get; set; } = "";

    protected override void ProcessRecord()
    {
        var word = Word;
        Start(word, (events, _) =>
        {
            events.Step(word, "step");
            events.Changed(word, "changed");
            events.Detail(word, "detail");
            events.Warning(word, "warning");
            return word == "bad"
                ? throw new KlException("BadWord", KlErrorKind.InvalidInput, word, "A bad word.", "Say another.")
                : Task.FromResult(word.ToUpperInvariant());
        });
    }
}

public sealed class ShellTests
{
    [Fact]
    public void Every_stream_of_a_pipeline_is_returned()
    {
        var result = Shell.Run("'a', $b | Test-KlSay", variables: new Dictionary<string, object?> { ["b"] = "bad" });

        Assert.Equal(["A"], result.As<string>());
        var error = Assert.Single(result.Errors);
        Assert.Equal("BadWord,KubeLab.Tests.Pipeline.TestKlSay", error.FullyQualifiedErrorId);
        Assert.Null(result.Ended);
        Assert.Equal(2, result.Warnings.Count);
        Assert.Single(result.Verbose, line => Regex.IsMatch(line, @"^ +\d+\.\d s  a: changed$"));
        Assert.Matches(@"^ +\d+\.\d s  Test-KlSay: \d+\.\d s, 2 changed$", result.Verbose[^1]);
        Assert.Contains("a: detail", result.Debug);
        Assert.Equal(2, Assert.Single(result.Stages).Changes);
        Assert.Contains(result.Progress, bar => bar is { Activity: "a", StatusDescription: "step" });
    }

    [Fact]
    public void Variables_are_removed_after_each_run()
    {
        Shell.Run("$x = 1", variables: new Dictionary<string, object?> { ["y"] = 2 });

        Assert.Equal([null, null], Shell.Run("$x; $y").Output);
    }

    [Fact]
    public void Output_is_formatted_as_on_a_console()
    {
        Assert.Equal("\nA B\n- -\n1 two\n\n", Shell.Show("[pscustomobject] @{ A = 1; B = 'two' }"));
    }
}
