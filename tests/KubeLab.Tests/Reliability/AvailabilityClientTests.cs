using System.Collections.Concurrent;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Reliability;

/// <summary>Measurements in simulated time: the sender advances the clock while it waits.</summary>
public sealed class AvailabilityClientTests : IProgress<LabEvent>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private FakeTimeProvider _clock = new();
    private readonly FaultJournal _journal = new();
    private readonly ConcurrentQueue<LabEvent> _events = new();
    private readonly ConcurrentQueue<KlRequest> _requests = new();
    private volatile string? _reason;
    private int _sent;

    [Fact]
    public async Task The_work_runs_after_the_warm_up_and_the_load_ends_after_the_duration()
    {
        var result = await MeasureAsync(new() { Rate = 10, Duration = 20 * Second }, async () =>
        {
            Assert.InRange(_requests.Count, 15, 21);
            _reason = "Status503";
            await PassAsync(5 * Second);
            _reason = null;
        });

        Assert.Equal((20 * Second, 200), (result.Duration, result.Requests));
        Assert.Equal("Status503", Assert.Single(result.Outages).Reason);
        Assert.Equal(result.Requests, _requests.Count);
    }

    [Fact]
    public async Task The_load_goes_on_until_the_work_has_ended_and_the_service_responds()
    {
        var result = await MeasureAsync(new() { Rate = 10, Duration = 2 * Second, WarmUp = Second }, async () =>
        {
            _reason = "Refused";
            await PassAsync(10 * Second);
            _ = RecoverAsync();
        });

        Assert.InRange(result.Duration, 16 * Second, 17 * Second);
        Assert.NotNull(Assert.Single(result.Outages).Ended);

        async Task RecoverAsync()
        {
            await PassAsync(5 * Second);
            _reason = null;
        }
    }

    [Fact]
    public async Task A_service_that_does_not_recover_ends_the_load_after_some_time()
    {
        var result = await MeasureAsync(new() { Rate = 10, Duration = 2 * Second, WarmUp = Second }, () =>
        {
            _reason = "Refused";
            return Task.CompletedTask;
        });

        Assert.InRange(result.Duration, 31 * Second, 32 * Second);
        Assert.Null(Assert.Single(result.Outages).Ended);
    }

    [Fact]
    public async Task A_service_that_does_not_respond_before_the_work_is_an_error_at_once()
    {
        (_reason, _clock) = ("Status404", new QuickClock());
        var error = await Assert.ThrowsAsync<KlException>(() => MeasureAsync(new(), () => throw new NotSupportedException()));

        Assert.Equal(ErrorIds.ProbeFailed, error.ErrorId);
        Assert.Contains("http://a/ (Status404)", error.Message, StringComparison.Ordinal);
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task Without_work_a_service_that_does_not_respond_is_measured()
    {
        _reason = "Refused";
        var result = await MeasureAsync(new() { Rate = 10, Duration = Second }, null);

        Assert.Equal((0.0, 10), (result.Availability, result.Failed));
        Assert.Contains("does not respond as expected at http://a/ (Refused)", Assert.Single(_events, e => e.Kind == LabEventKind.Warning).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_names_the_rate_the_failures_and_the_active_faults()
    {
        _journal.Set(new()
        {
            Id = "1", Kind = FaultKind.NodeCrash, Target = "node", Started = _clock.GetUtcNow(), Ends = _clock.GetUtcNow() + 60 * Second,
            State = FaultState.Active,
        });
        await MeasureAsync(new() { Rate = 10, Duration = 5 * Second }, null);

        Assert.Contains(_events, e => e.Kind == LabEventKind.Step && e.Message.Contains(" requests/s, 0 failed, p99 0 ms, ", StringComparison.Ordinal)
            && e.Message.EndsWith(", NodeCrash of node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_assumption_without_a_measured_fault_is_a_warning()
    {
        var failures = new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12 };
        var result = await MeasureAsync(new() { Rate = 10, Duration = Second, FailuresPerYear = failures }, null);

        Assert.Null(result.Prediction);
        Assert.Contains(_events, e => e.Kind == LabEventKind.Warning && e.Message.Contains("does not include NodeCrash", StringComparison.Ordinal));
    }

    public static TheoryData<LoadOptions> InvalidOptions =>
    [
        new() { Rate = 0 }, new() { Rate = double.NaN }, new() { Rate = LoadOptions.MaxRate + 1 }, new() { Duration = TimeSpan.Zero },
        new() { Duration = TimeSpan.FromDays(8) }, new() { Timeout = TimeSpan.Zero }, new() { Timeout = TimeSpan.FromMinutes(6) },
        new() { WarmUp = -Second }, new() { MaxInFlight = 0 }, new() { FailuresPerYear = new Dictionary<FaultKind, double> { [FaultKind.PodKill] = -1 } },
    ];

    [Theory]
    [MemberData(nameof(InvalidOptions), DisableDiscoveryEnumeration = true)]
    public async Task An_invalid_option_is_an_error(LoadOptions options)
    {
        Assert.Equal(ErrorIds.LoadInvalid, (await Assert.ThrowsAsync<KlException>(() => MeasureAsync(options, null))).ErrorId);
        Assert.Equal(0, _sent);
    }

    void IProgress<LabEvent>.Report(LabEvent value) => _events.Enqueue(value);

    private Task PassAsync(TimeSpan time) => Task.Delay(time, _clock);

    // Task.Run: without the context of the test, the thread that advances the clock continues what waited for it.
    private Task<KlAvailability> MeasureAsync(LoadOptions options, Func<Task>? work) => Task.Run(() =>
        new AvailabilityClient(_journal, _clock) { PreciseWait = _clock.Advance }.MeasureAsync(new("web", [new("http://a/", _ =>
        {
            Interlocked.Increment(ref _sent);
            return Task.FromResult(new ProbeResult(_reason));
        })]), options, work, _requests.Enqueue, this, default)).WaitAsync(Gates.Timeout);
}
