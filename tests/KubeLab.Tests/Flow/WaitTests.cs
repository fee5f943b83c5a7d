using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class WaitTests
{
    private static readonly WaitOptions TenMinutes = new("vm-1", "vm-1 to answer", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5)) { NextStep = "Look at it." };
    private readonly QuickClock _clock = new();
    private int _looks;

    [Fact]
    public async Task What_is_ready_is_not_waited_for()
    {
        Assert.Equal(1, await WaitAsync(_ => Verdict.Ready));
        Assert.Equal(1, _looks);
    }

    [Fact]
    public async Task It_looks_again_after_each_interval()
    {
        var start = _clock.GetTimestamp();
        Assert.Equal(3, await WaitAsync(look => look < 3 ? Verdict.Pending("not yet") : Verdict.Ready));
        Assert.Equal(TimeSpan.FromSeconds(10), _clock.GetElapsedTime(start));
    }

    [Fact]
    public async Task What_has_failed_ends_the_wait_at_once_and_says_why()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => WaitAsync(_ => Verdict.Failed("it crashed")));
        Assert.Equal(("WaitFailed", KlErrorKind.Failed, "vm-1", "Waited for vm-1 to answer: it crashed", "Look at it."), (error.ErrorId, error.Kind, error.Target, error.Message, error.NextStep));
    }

    [Fact]
    public async Task When_the_time_is_up_it_says_what_was_missing()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => WaitAsync(look => Verdict.Pending($"{look} of many")));
        Assert.Equal(("WaitTimeout", KlErrorKind.Timeout), (error.ErrorId, error.Kind));
        Assert.Equal("Waited 600 s for vm-1 to answer: 121 of many", error.Message);
    }

    [Fact]
    public async Task A_look_that_never_ends_is_bounded_too()
    {
        var waiting = Wait.UntilAsync(async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return 0;
        }, _ => Verdict.Ready, TenMinutes, _clock, default);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var error = await Assert.ThrowsAsync<KlException>(() => waiting);
        Assert.Equal("WaitTimeout", error.ErrorId);
        Assert.Contains("no answer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reason_is_told_when_it_changes()
    {
        var told = new List<string>();
        await WaitAsync(look => look < 6 ? Verdict.Pending(look < 4 ? "booting" : "starting") : Verdict.Ready, told.Add);
        Assert.Equal(["booting", "starting"], told);
    }

    [Fact]
    public async Task Stopping_ends_it()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WaitAsync(_ => Verdict.Pending("not yet"), _ => stop.Cancel(), stop.Token));
    }

    [Fact]
    public async Task What_is_told_is_judged_until_it_is_ready_and_the_watch_ends_with_it()
    {
        var told = Channel.CreateUnbounded<int>();
        var (ended, reasons) = (new TaskCompletionSource(), new List<string>());
        async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken stop)
        {
            try
            {
                await foreach (var one in told.Reader.ReadAllAsync(stop))
                    yield return one;
            }
            finally
            {
                ended.SetResult();
            }
        }
        foreach (var one in (int[])[1, 1, 2, 3])
            told.Writer.TryWrite(one);
        Assert.Equal(3, await Wait.ForAsync(WatchAsync, seen => seen == 3 ? Verdict.Ready : Verdict.Pending($"it is {seen}"), TenMinutes, _clock, default, reasons.Add));
        Assert.Equal(["it is 1", "it is 2"], reasons);
        await ended.Task;
    }

    [Fact]
    public async Task A_watch_that_tells_nothing_more_is_bounded_and_what_was_told_last_is_why()
    {
        var told = Channel.CreateUnbounded<int>();
        told.Writer.TryWrite(7);
        var waiting = Wait.ForAsync(stop => told.Reader.ReadAllAsync(stop), seen => Verdict.Pending($"it is {seen}"), TenMinutes, _clock, default);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var error = await Assert.ThrowsAsync<KlException>(() => waiting);
        Assert.Equal(("WaitTimeout", "Waited 600 s for vm-1 to answer: it is 7"), (error.ErrorId, error.Message));
    }

    [Fact]
    public async Task Stopping_ends_a_wait_that_is_told_nothing()
    {
        var told = Channel.CreateUnbounded<int>();
        using var stop = new CancellationTokenSource();
        var waiting = Wait.ForAsync(token => told.Reader.ReadAllAsync(token), _ => Verdict.Ready, TenMinutes, _clock, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task<int> WaitAsync(Func<int, Verdict> judge, Action<string>? pending = null, CancellationToken stop = default) =>
        Wait.UntilAsync(_ => Task.FromResult(++_looks), judge, TenMinutes, _clock, stop, pending);
}
