using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class WaitTests
{
    private static readonly WaitOptions TenMinutes = new("vm-1", "vm-1 to respond", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5))
    {
        NextStep = "Check it.",
    };
    private readonly QuickClock _clock = new();
    private int _checks;

    [Fact]
    public async Task A_condition_that_is_met_needs_no_wait()
    {
        Assert.Equal(1, await WaitAsync(_ => Verdict.Ready));
        Assert.Equal(1, _checks);
    }

    [Fact]
    public async Task It_checks_again_after_each_interval()
    {
        var start = _clock.GetTimestamp();
        Assert.Equal(3, await WaitAsync(check => check < 3 ? Verdict.Pending("not yet") : Verdict.Ready));
        Assert.Equal(TimeSpan.FromSeconds(10), _clock.GetElapsedTime(start));
    }

    [Fact]
    public async Task A_failure_ends_the_wait_at_once_with_its_reason()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => WaitAsync(_ => Verdict.Failed("it crashed")));
        Assert.Equal(
            ("WaitFailed", KlErrorKind.Failed, "vm-1", "Waited for vm-1 to respond: it crashed", "Check it."),
            (error.ErrorId, error.Kind, error.Target, error.Message, error.NextStep));
    }

    [Fact]
    public async Task A_timeout_reports_the_last_reason()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => WaitAsync(check => Verdict.Pending($"check {check}")));
        Assert.Equal(("WaitTimeout", KlErrorKind.Timeout), (error.ErrorId, error.Kind));
        Assert.Equal("Waited 600 s for vm-1 to respond: check 121", error.Message);
    }

    [Fact]
    public async Task A_check_that_does_not_complete_times_out()
    {
        var waiting = Wait.UntilAsync(async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return 0;
        }, _ => Verdict.Ready, TenMinutes, _clock, default);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var error = await Assert.ThrowsAsync<KlException>(() => waiting);
        Assert.Equal("WaitTimeout", error.ErrorId);
        Assert.Contains("no response", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reason_is_reported_when_it_changes()
    {
        var reported = new List<string>();
        await WaitAsync(check => check < 6 ? Verdict.Pending(check < 4 ? "booting" : "starting") : Verdict.Ready, reported.Add);
        Assert.Equal(["booting", "starting"], reported);
    }

    [Fact]
    public async Task Stop_cancels_the_wait()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => WaitAsync(_ => Verdict.Pending("not yet"), _ => stop.Cancel(), stop.Token));
    }

    [Fact]
    public async Task A_watch_ends_when_a_value_is_ready()
    {
        var values = Channel.CreateUnbounded<int>();
        var (ended, reasons) = (new TaskCompletionSource(), new List<string>());
        async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken stop)
        {
            try
            {
                await foreach (var one in values.Reader.ReadAllAsync(stop))
                    yield return one;
            }
            finally
            {
                ended.SetResult();
            }
        }
        foreach (var one in (int[])[1, 1, 2, 3])
            values.Writer.TryWrite(one);
        Assert.Equal(3, await Wait.ForAsync(
            WatchAsync, seen => seen == 3 ? Verdict.Ready : Verdict.Pending($"it is {seen}"), TenMinutes, _clock, default, reasons.Add));
        Assert.Equal(["it is 1", "it is 2"], reasons);
        await ended.Task;
    }

    [Fact]
    public async Task A_watch_without_new_values_times_out_with_the_last_reason()
    {
        var values = Channel.CreateUnbounded<int>();
        values.Writer.TryWrite(7);
        var waiting = Wait.ForAsync(stop => values.Reader.ReadAllAsync(stop), seen => Verdict.Pending($"it is {seen}"), TenMinutes, _clock, default);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var error = await Assert.ThrowsAsync<KlException>(() => waiting);
        Assert.Equal(("WaitTimeout", "Waited 600 s for vm-1 to respond: it is 7"), (error.ErrorId, error.Message));
    }

    [Fact]
    public async Task Stop_cancels_a_watch_without_values()
    {
        var values = Channel.CreateUnbounded<int>();
        using var stop = new CancellationTokenSource();
        var waiting = Wait.ForAsync(token => values.Reader.ReadAllAsync(token), _ => Verdict.Ready, TenMinutes, _clock, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task<int> WaitAsync(Func<int, Verdict> judge, Action<string>? pending = null, CancellationToken stop = default) =>
        Wait.UntilAsync(_ => Task.FromResult(++_checks), judge, TenMinutes, _clock, stop, pending);
}
