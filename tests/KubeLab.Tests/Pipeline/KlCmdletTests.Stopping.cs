using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Pipeline;

/// <summary>Pipelines that end before their work.</summary>
public sealed partial class KlCmdletTests
{
    [Theory]
    [InlineData("-WarningAction Stop")]
    [InlineData("-ErrorAction Stop")]
    public void A_preference_that_stops_the_pipeline_does_not_hide_changes(string preference)
    {
        var result = Run($"'bad', 'slow' | Test-KlWork -Work $work {preference}", async (name, events, stop) =>
        {
            if (name == "bad")
            {
                await _began.Of("slow").WaitAsync(Gates.Timeout, stop);
                events.Changed(name, "made");
                events.Warning(name, "old");
                throw new KlException("Bad", KlErrorKind.Failed, name, "bad");
            }
            try
            {
                return await Hang(name, events, stop);
            }
            finally
            {
                events.Changed(name, "half made");
            }
        });

        Assert.NotNull(result.Ended);
        Assert.Equal(0, _running);
        Assert.Contains("Test-KlWork was stopped after these changes:\n  bad: made\n  slow: half made", result.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_pipeline_leaves_no_work_running()
    {
        var result = Run("'1', '2' | Test-KlWork -Work $work | Test-KlWork -Work $work", Hang, async shell =>
        {
            await _began.Of("1").WaitAsync(Gates.Timeout);
            await _began.Of("2").WaitAsync(Gates.Timeout);
            shell.Stop();
        });

        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.Equal(0, _running);
    }

    [Fact]
    public void A_warning_after_Ctrl_C_is_shown_on_the_console()
    {
        var result = Run("'1' | Test-KlWork -Work $work", async (name, events, stop) =>
        {
            try
            {
                return await Hang(name, events, stop);
            }
            finally
            {
                events.Warning(name, "something was left behind");
            }
        }, async shell =>
        {
            await _began.Of("1").WaitAsync(Gates.Timeout);
            shell.Stop();
        });

        Assert.Equal(["1: something was left behind"], result.Warnings);
    }

    [Fact]
    public void Select_First_cancels_the_remaining_work()
    {
        var result = Run("'quick', 'slow' | Test-KlWork -Work $work | Test-KlFirst", async (name, events, stop) =>
        {
            if (name == "slow")
                return await Hang(name, events, stop);
            await _began.Of("slow").WaitAsync(Gates.Timeout, stop);
            return name;
        });

        Assert.Equal(["quick"], result.Good<string>());
        Assert.Equal(0, _running);
    }

    [Fact]
    public void ErrorAction_Stop_cancels_the_other_work()
    {
        var result = Run("'bad', 'slow' | Test-KlWork -Work $work -ErrorAction Stop", async (name, events, stop) =>
        {
            if (name == "slow")
                return await Hang(name, events, stop);
            await _began.Of("slow").WaitAsync(Gates.Timeout, stop);
            throw new KlException("Bad", KlErrorKind.Failed, name, "bad");
        });

        Assert.Equal("Bad,KubeLab.Tests.Pipeline.TestKlWork", result.Ended?.FullyQualifiedErrorId);
        Assert.Equal(0, _running);
    }
}
