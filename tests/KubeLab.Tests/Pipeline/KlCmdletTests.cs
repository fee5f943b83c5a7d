using System.Management.Automation;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Tests.Machines;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Pipeline;

public sealed partial class KlCmdletTests
{
    private readonly Gates _began = new();
    private int _running;

    [Fact]
    public void Stages_of_different_items_overlap()
    {
        var result = Run("'1', '2' | Test-KlWork -Work $first | Test-KlWork -Work $second",
            new Dictionary<string, Work>
            {
                ["first"] = async (name, _, stop) =>
                {
                    if (name == "2")
                        await _began.Of("second 1").WaitAsync(Gates.Timeout, stop);
                    return name;
                },
                ["second"] = (name, _, _) =>
                {
                    _began.Open($"second {name}");
                    return Task.FromResult<object?>(name);
                },
            });

        Assert.Equal(["1", "2"], result.Good<string>());
    }

    [Fact]
    public void Results_are_written_as_they_complete()
    {
        var result = Run("'slow', 'quick' | Test-KlWork -Work $work | ForEach-Object { $began.Open($_); $_ }", async (name, _, stop) =>
        {
            if (name == "slow")
                await _began.Of("quick").WaitAsync(Gates.Timeout, stop);
            return name;
        });

        Assert.Equal(["quick", "slow"], result.Good<string>());
    }

    [Fact]
    public void A_failed_item_does_not_affect_the_others()
    {
        var result = Run("'a', 'bad', 'c' | Test-KlWork -Work $work", (name, _, _) =>
            name == "bad" ? throw new KlException("NodeNotReady", KlErrorKind.Timeout, "bad", "Not ready.", "Look at its log.")
                : Task.FromResult<object?>(name));

        Assert.Equal(["a", "c"], result.As<string>().Order());
        var error = Assert.Single(result.Errors);
        Assert.Equal("NodeNotReady,KubeLab.Tests.Pipeline.TestKlWork", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal("bad", error.TargetObject);
        Assert.Equal("Look at its log.", error.ErrorDetails.RecommendedAction);
        Assert.Null(result.Ended);
    }

    [Fact]
    public void An_error_refers_to_its_target_object()
    {
        var (target, other) = (new Version(1, 2), new KlException("X", KlErrorKind.Failed, "9.9", "x"));

        Assert.Same(target, ErrorRecords.Record(new KlException("X", KlErrorKind.Failed, "1.2", "x"), target).TargetObject);
        Assert.Equal("9.9", ErrorRecords.Record(other, target).TargetObject);
    }

    [Fact]
    public void An_unexpected_exception_is_an_error_for_its_item()
    {
        var result = Run("'a' | Test-KlWork -Work $work", (_, _, _) => throw new FormatException("odd"));

        var error = Assert.Single(result.Errors);
        Assert.Equal("FormatException,KubeLab.Tests.Pipeline.TestKlWork", error.FullyQualifiedErrorId);
        Assert.Equal("a", error.TargetObject);
        Assert.Equal("a: KubeLab failed unexpectedly (FormatException in KubeLab.Tests.Pipeline.KlCmdletTests): odd", error.ToString());
        Assert.Contains("Report it", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_several_errors_is_a_separate_record()
    {
        var result = Run("'a' | Test-KlWork -Work $work", (_, _, _) => throw new AggregateException(
            new KlException("One", KlErrorKind.Failed, "1", "one"), new AggregateException(new KlException("Two", KlErrorKind.Failed, "2", "two"))));

        Assert.Equal(["1", "2"], result.Errors.Select(error => error.TargetObject));
    }

    [Fact]
    public void All_streams_are_printable()
    {
        var result = Run("'a\e[2J' | Test-KlWork -Work $work", (name, events, _) =>
        {
            events.Step(name, "step\u009b", 40);
            events.Changed(name, "made\u202e");
            events.Warning(name, "warned\a");
            events.Detail(name, "detail\b");
            throw new KlException("Bad", KlErrorKind.Failed, name, "failed\e]0;x\a", "next\u007f");
        });

        string[] texts = [.. result.Warnings, .. result.Verbose, .. result.Debug, .. result.Information.Select(one => one.ToString()),
            .. result.Progress.SelectMany(bar => new[] { bar.Activity, bar.StatusDescription }),
            .. result.Errors.SelectMany(error => new[] { error.ToString(), error.Exception.Message, error.ErrorDetails.RecommendedAction,
                error.CategoryInfo.ToString() })];
        Assert.Equal(texts.Select(Printable.Text), texts);
        Assert.Contains("a^[[2J: made<U+202E>", result.Information.Select(one => one.ToString()));
        Assert.Equal("a\e[2J", Assert.Single(result.Errors).TargetObject);
    }

    [Fact]
    public void An_identical_warning_is_shown_again_only_if_it_may_repeat()
    {
        var result = Run("'a' | Test-KlWork -Work $work", (name, events, _) =>
        {
            foreach (var text in (string[])["once", "once", "Code:", "Code:"])
                events.Report(new(name, LabEventKind.Warning, text) { Repeats = text == "Code:" });
            return Task.FromResult<object?>(null);
        });

        Assert.Equal(["a: once", "a: Code:", "a: Code:"], result.Warnings);
    }

    [Fact]
    public void WhatIf_starts_nothing()
    {
        var result = Run("'a' | Test-KlWork -Work $work -WhatIf", Hang);

        Assert.Empty(result.Good<object>());
        Assert.True(_began.IsEmpty);
        Assert.Empty(result.Stages);
    }

    [Fact]
    public void Output_after_the_end_is_discarded()
    {
        IProgress<LabEvent>? kept = null;
        Run("'a' | Test-KlWork -Work $work", (_, events, _) =>
        {
            kept = events;
            return Task.FromResult<object?>(null);
        });

        kept!.Warning("a", "too late");
    }

    [Fact]
    public void Each_target_has_a_progress_bar_until_its_work_ends()
    {
        var result = Run("'a', 'b' | Test-KlWork -Work $work", (name, events, _) =>
        {
            events.Step(name, "copying", 40);
            return Task.FromResult<object?>(name);
        });

        Assert.Equal(2, result.Progress.Select(bar => bar.ActivityId).Distinct().Count());
        Assert.Equal(40, result.Progress.First(bar => bar.Activity == "a").PercentComplete);
        Assert.Equal(["a", "b"], result.Progress.Where(bar => bar.RecordType == ProgressRecordType.Completed).Select(bar => bar.Activity).Order());
    }

    [Fact]
    public void Steps_of_later_stages_are_shown_while_an_earlier_stage_waits()
    {
        var result = Run("'quick', 'slow' | Test-KlWork -Work $first | Test-KlWork -Work $second",
            new Dictionary<string, Work>
            {
                ["first"] = async (name, events, stop) =>
                {
                    await _began.Of("watched").WaitAsync(Gates.Timeout, stop);
                    events.Step(name, "boots");
                    if (name == "slow")
                        await _began.Of("seen").WaitAsync(Gates.Timeout, stop);
                    return name;
                },
                ["second"] = async (name, events, stop) =>
                {
                    if (name == "slow")
                        _began.Open("slow done");
                    // The stage upstream shows steps only while it waits, so the step is repeated.
                    using var timeout = new CancellationTokenSource(Gates.Timeout);
                    for (; !_began.Of("slow done").IsCompleted; await Task.Delay(20, timeout.Token))
                        events.Step(name, "installs");
                    return name;
                },
            },
            shell =>
            {
                shell.Streams.Progress.DataAdded += (sender, added) =>
                {
                    var bar = ((PSDataCollection<ProgressRecord>)sender!)[added.Index];
                    if (bar is { Activity: "quick", StatusDescription: "installs" })
                        _began.Open("seen");
                };
                _began.Open("watched");
                return Task.CompletedTask;
            });

        Assert.Equal(["quick", "slow"], result.Good<string>().Order());
    }

    [Fact]
    public void A_stage_is_measured_from_its_first_input()
    {
        var clock = new FakeTimeProvider();
        Work work = (name, events, _) =>
        {
            clock.Advance(TimeSpan.FromSeconds(3));
            events.Changed(name, "made");
            return Task.FromResult<object?>(name);
        };
        var result = Shell.Run("$clock.Advance('00:01'); 'a' | ForEach-Object { $clock.Advance('00:01'); $_ } | Test-KlWork -Work $work",
            new LabEngine(FakeHosts.Up(), [], clock), new Dictionary<string, object?> { ["clock"] = clock, ["work"] = work });

        var stage = Assert.Single(result.Stages);
        Assert.Equal(("Test-KlWork", 1), (stage.Name, stage.Changes));
        Assert.Equal(TimeSpan.FromSeconds(3), stage.Elapsed);
        var change = Assert.Single(result.Information.Select(record => record.MessageData).OfType<LabEvent>());
        Assert.Equal(clock.GetUtcNow(), change.Time);
    }

    [Theory]
    [InlineData(KlErrorKind.NotFound, ErrorCategory.ObjectNotFound)]
    [InlineData(KlErrorKind.Exists, ErrorCategory.ResourceExists)]
    [InlineData(KlErrorKind.InvalidInput, ErrorCategory.InvalidArgument)]
    [InlineData(KlErrorKind.InvalidData, ErrorCategory.InvalidData)]
    [InlineData(KlErrorKind.Unreachable, ErrorCategory.ConnectionError)]
    [InlineData(KlErrorKind.Denied, ErrorCategory.PermissionDenied)]
    [InlineData(KlErrorKind.Failed, ErrorCategory.InvalidResult)]
    [InlineData(KlErrorKind.NotInstalled, ErrorCategory.NotInstalled)]
    public void Each_error_kind_has_a_category(KlErrorKind kind, ErrorCategory category)
    {
        var result = Run("'a' | Test-KlWork -Work $work", (_, _, _) => throw new KlException("X", kind, "a", "x"));

        Assert.Equal(category, Assert.Single(result.Errors).CategoryInfo.Category);
    }

    /// <summary>Work that waits for its cancellation and ends some time after it.</summary>
    private async Task<object?> Hang(string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        Interlocked.Increment(ref _running);
        _began.Open(name);
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        }
        finally
        {
            await Task.Delay(100, CancellationToken.None);
            Interlocked.Decrement(ref _running);
        }
    }

    private ShellResult Run(string script, Work work, Func<PowerShell, Task>? meanwhile = null) =>
        Run(script, new Dictionary<string, Work> { ["work"] = work }, meanwhile);

    private ShellResult Run(string script, Dictionary<string, Work> works, Func<PowerShell, Task>? meanwhile = null)
    {
        var variables = works.ToDictionary(work => work.Key, work => (object?)work.Value);
        variables["began"] = _began;
        return Shell.Run(script, variables: variables, meanwhile: meanwhile);
    }
}
