using System.Collections.Concurrent;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Reliability;

/// <summary>The sender in simulated time: it advances the clock while it waits.</summary>
public sealed class OpenLoadTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentDictionary<long, Sample> _samples = [];

    [Fact]
    public async Task Requests_leave_at_their_appointed_times_while_the_server_does_not_respond()
    {
        var sent = new ConcurrentQueue<TimeSpan>();
        var start = _clock.GetTimestamp();
        await RunAsync(new() { Rate = 100, Duration = 3 * Second }, async _ =>
        {
            var now = _clock.GetElapsedTime(start);
            sent.Enqueue(now);
            if (now >= Second && now < 2 * Second)
                await Task.Delay(2 * Second - now, _clock, CancellationToken.None);
            return default;
        });

        Assert.Equal(Enumerable.Range(0, 300).Select(index => TimeSpan.FromMilliseconds(10 * index)), sent);
        // A generator that waits for responses would have measured a single slow request.
        var slow = _samples.Values.Where(one => one.Latency > TimeSpan.Zero).Select(one => (int)one.Index);
        Assert.Equal(Enumerable.Range(100, 100), slow.Order());
        Assert.All(_samples.Values.Where(one => one.Index is >= 100 and < 200), one => Assert.True(one.Due + one.Latency >= 2 * Second));
    }

    [Fact]
    public async Task Latency_includes_delays_of_the_sender()
    {
        var delayed = false;
        await RunAsync(new() { Rate = 10, Duration = 2 * Second }, _ => Task.FromResult(default(ProbeResult)), wait =>
        {
            _clock.Advance(delayed ? wait : Second);
            delayed = true;
        });

        // The first wait, for the request at 0.1 s, took a second.
        Assert.Equal(TimeSpan.FromSeconds(0.9), _samples[1].Latency);
        Assert.Equal(TimeSpan.FromSeconds(0.1), _samples[9].Latency);
        Assert.Equal(TimeSpan.Zero, _samples[10].Latency);
        Assert.Equal(20, _samples.Count);
    }

    [Fact]
    public async Task Requests_above_the_limit_are_counted_as_not_sent_and_not_delayed()
    {
        var sent = 0;
        await RunAsync(new() { Rate = 10, Duration = 2 * Second, Timeout = Second, MaxInFlight = 3 }, async stop =>
        {
            sent++;
            await Task.Delay(Timeout.Infinite, stop);
            return default;
        });

        Assert.Equal(20, _samples.Count);
        Assert.Equal(sent, _samples.Values.Count(one => one.Result.Reason == FailureReason.TimedOut));
        Assert.Equal(20 - sent, _samples.Values.Count(one => one.Result.Reason == FailureReason.NotSent));
        Assert.Equal([0, 1, 2], _samples.Values.Where(one => one.Result.Reason == FailureReason.TimedOut).Select(one => one.Index).Order().Take(3));
        Assert.InRange(sent, 3, 6);
    }

    [Fact]
    public async Task Requests_that_were_missed_during_a_suspension_are_not_sent_at_once()
    {
        var sent = 0;
        await RunAsync(new() { Rate = 10, Duration = TimeSpan.FromHours(1), Timeout = Second }, _ =>
        {
            sent++;
            return Task.FromResult(default(ProbeResult));
        }, _ => _clock.Advance(TimeSpan.FromHours(1)));

        Assert.Equal(36_000, _samples.Count);
        // The first one, and those of the last second.
        Assert.InRange(sent, 1, 11);
        Assert.Equal(36_000 - sent, _samples.Values.Count(one => one.Result.Reason == FailureReason.NotSent));
    }

    [Fact]
    public async Task A_probe_that_ignores_its_cancellation_times_out()
    {
        await RunAsync(new() { Rate = 1, Duration = 3 * Second, Timeout = Second }, _ => new TaskCompletionSource<ProbeResult>().Task);

        Assert.Equal(Enumerable.Repeat(FailureReason.TimedOut, 3), _samples.Values.Select(one => one.Result.Reason));
    }

    [Fact]
    public async Task Endpoints_get_requests_in_turn()
    {
        await RunAsync(new() { Rate = 10, Duration = Second }, [Named("a"), Named("b"), Named("c")], _clock.Advance);

        Assert.Equal("a b c a b c a b c a", string.Join(' ', _samples.Values.OrderBy(one => one.Index).Select(one => one.Result.Reason)));
    }

    [Fact]
    public async Task Cancellation_ends_the_load()
    {
        using var stop = new CancellationTokenSource();
        var load = new OpenLoad([new("web", async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        })], new() { Rate = 1 }, sample => _samples[sample.Index] = sample, _clock, _clock.Advance);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load.RunAsync(stop.Token));
        Assert.Empty(_samples);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)] // not sent, so it fails on the sender's thread
    public async Task An_unexpected_error_ends_the_load(int limit)
    {
        var load = new OpenLoad([Named("a")], new() { Rate = 1, MaxInFlight = limit }, _ => throw new FormatException("odd"), _clock, _clock.Advance);

        await Assert.ThrowsAsync<FormatException>(() => load.RunAsync(default).WaitAsync(Gates.Timeout));
        load.EndAt(TimeSpan.Zero);
    }

    private static LoadEndpoint Named(string name) => new(name, _ => Task.FromResult(new ProbeResult(name)));

    private Task RunAsync(LoadOptions options, Func<CancellationToken, Task<ProbeResult>> probe, Action<TimeSpan>? wait = null) =>
        RunAsync(options, [new("web", probe)], wait ?? _clock.Advance);

    private async Task RunAsync(LoadOptions options, LoadEndpoint[] endpoints, Action<TimeSpan> wait)
    {
        var load = new OpenLoad(endpoints, options, sample => Assert.True(_samples.TryAdd(sample.Index, sample)), _clock, wait);
        load.EndAt(options.Duration);
        var running = load.RunAsync(default);
        // The sender has ended, and no longer advances the clock. The last requests time out.
        while (!running.IsCompleted)
        {
            if (load.Elapsed >= options.Duration)
                _clock.Advance(options.Timeout);
            await Task.Delay(1);
        }
        await running;
    }
}
