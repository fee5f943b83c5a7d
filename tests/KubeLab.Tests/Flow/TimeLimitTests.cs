using KubeLab.Engine.Flow;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Flow;

public sealed class TimeLimitTests : IDisposable
{
    private static readonly TimeSpan Time = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose() => _stop.Dispose();

    [Fact]
    public void A_limit_expires_after_its_time_by_the_clock()
    {
        using var limit = new TimeLimit(Time, _clock, _stop.Token);
        _clock.Advance(Time - TimeSpan.FromTicks(1));
        Assert.False(limit.IsExpired || limit.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(limit.IsExpired && limit.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_limit_that_the_caller_canceled_is_not_expired()
    {
        using var limit = new TimeLimit(Time, _clock, _stop.Token);
        _stop.Cancel();
        _clock.Advance(Time);
        Assert.True(limit.Token.IsCancellationRequested);
        Assert.False(limit.IsExpired);
    }

    [Fact]
    public void The_time_starts_with_a_restart_and_an_infinite_time_removes_the_limit()
    {
        using var limit = new TimeLimit(_clock, _stop.Token);
        _clock.Advance(Time);
        limit.Restart(Time);
        _clock.Advance(Time / 2);
        limit.Restart(Time);
        _clock.Advance(Time / 2);
        Assert.False(limit.IsExpired);
        limit.Restart(Timeout.InfiniteTimeSpan);
        _clock.Advance(Time);
        Assert.False(limit.IsExpired);
    }

    [Fact]
    public async Task A_grace_period_starts_when_the_caller_cancels()
    {
        await using var grace = new GracePeriod(Time, _clock, _stop.Token);
        _clock.Advance(Time);
        await _stop.CancelAsync();
        Assert.False(grace.Token.IsCancellationRequested);
        _clock.Advance(Time);
        Assert.True(grace.Token.IsCancellationRequested);
    }
}
