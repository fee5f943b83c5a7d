using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Faults;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Measures the availability of services.</summary>
/// <param name="faults">The faults of this process.</param>
/// <param name="clock">The clock.</param>
public sealed class AvailabilityClient(FaultJournal faults, TimeProvider clock)
{
    private const int Attempts = 3;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    // How long the load goes on after the work beside it if the service does not recover.
    private static readonly TimeSpan RecoveryTimeout = TimeSpan.FromSeconds(30);

    internal Action<TimeSpan> PreciseWait { get; init; } = Load.PreciseWait.AtMost;

    /// <summary>Sends requests and sums them up. With work beside the load, it ends when its duration has passed, the work has ended, and each endpoint
    /// responds again (for at most 30 seconds).</summary>
    /// <param name="target">What is measured.</param>
    /// <param name="options">The rate and the limits.</param>
    /// <param name="work">Runs beside the load after the warm-up, or null.</param>
    /// <param name="requests">Gets each request in the order of appointed times, or null.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">LoadInvalid; ProbeFailed: no endpoint responds as expected before the work starts.</exception>
    public async Task<KlAvailability> MeasureAsync(LoadTarget target, LoadOptions options, Func<Task>? work, Action<KlRequest>? requests,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        options.Check();
        await CheckAsync(target, options, isRequired: work is not null, events, stop);
        var started = clock.GetUtcNow();
        var recorder = new LoadRecorder(target, options, started, () => faults.Since(started), requests);
        var load = new OpenLoad(target.Endpoints, options, recorder.Add, clock, PreciseWait);
        if (work is null)
            load.EndAt(options.Duration);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reports = ReportAsync(target.Name, options, load, recorder, started, events, ended.Token);
        var end = options.Duration;
        try
        {
            var beside = work is null ? Task.FromResult(end) : RunBesideAsync(load, recorder, options, work, stop);
            var sending = load.RunAsync(stop);
            end = await beside;
            await sending;
        }
        catch (OperationCanceledException) when (requests is null && load.Elapsed >= ReportInterval)
        {
            events.Warning(target.Name, $"stopped after {load.Elapsed.TotalSeconds:0} s. Until then: {Verdict(recorder.Result(load.Elapsed))}");
            throw;
        }
        finally
        {
            load.EndAt(TimeSpan.Zero);
            await ended.CancelAsync();
            await reports;
        }
        var result = recorder.Result(end);
        if (options.FailuresPerYear?.Keys.Except(result.Prediction?.Faults.Select(impact => impact.Kind) ?? []).ToList() is { Count: > 0 } missing)
            events.Warning(target.Name, $"the prediction does not include {string.Join(", ", missing)}, because no such fault was measured.");
        return result;
    }

    /// <summary>The result in one line.</summary>
    internal static string Verdict(KlAvailability result) => string.Create(CultureInfo.InvariantCulture,
        $"{result.Availability:0.000####%} of {result.Requests} requests succeeded, {result.OutageCount} outage{(result.OutageCount == 1 ? "" : "s")}.");

    /// <summary>Sends one request to each endpoint, which is not counted. If a response is required and all fail, it sends another one.</summary>
    private async Task CheckAsync(LoadTarget target, LoadOptions options, bool isRequired, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(target.Name, "waiting for the first response");
        for (var attempt = 1; ; attempt++)
        {
            var results = await Task.WhenAll(target.Endpoints.Select(endpoint => OpenLoad.ProbeAsync(endpoint, options.Timeout, clock, stop)));
            stop.ThrowIfCancellationRequested();
            var failed = target.Endpoints.Zip(results).Where(one => one.Second.Reason is not null).Select(one => $"{one.First.Name} ({one.Second.Reason})")
                .ToList();
            if (failed.Count < results.Length || !isRequired)
            {
                if (failed.Count > 0)
                    events.Warning(target.Name, $"does not respond as expected at {string.Join(", ", failed)}.");
                return;
            }
            if (attempt == Attempts)
                throw new KlException(ErrorIds.ProbeFailed, KlErrorKind.Failed, target.Name,
                    $"'{target.Name}' does not respond as expected: {string.Join(", ", failed)}. No load was sent, and no fault was started.",
                    "Check the address and the expected response.");
            await Task.Delay(RetryInterval, clock, stop);
        }
    }

    /// <summary>Runs the work after the warm-up, ends the load when the service responds again, and returns the end.</summary>
    private async Task<TimeSpan> RunBesideAsync(OpenLoad load, LoadRecorder recorder, LoadOptions options, Func<Task> work, CancellationToken stop)
    {
        while (options.BeforeWork - load.Elapsed is var left && left > TimeSpan.Zero)
            await Task.Delay(left, clock, stop);
        await work().WaitAsync(stop);
        var workEnd = load.Elapsed;
        while (!recorder.IsHealthySince(workEnd) && load.Elapsed < workEnd + RecoveryTimeout)
            await Task.Delay(CheckInterval, clock, stop);
        var end = load.Elapsed > options.Duration ? load.Elapsed : options.Duration;
        load.EndAt(end);
        return end;
    }

    private async Task ReportAsync(string name, LoadOptions options, OpenLoad load, LoadRecorder recorder, DateTimeOffset started, IProgress<LabEvent> events,
        CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ReportInterval, clock, ended);
                var (recent, now) = (recorder.TakeRecent(), clock.GetUtcNow());
                var active = faults.Since(started).Where(fault => fault.Started <= now && (fault.Ended ?? fault.Ends) > now).ToList();
                var p99 = recent.At(99) is { } value ? string.Create(CultureInfo.InvariantCulture, $", p99 {value:0.#} ms") : "";
                events.Step(name, string.Join(", ", active.Prepend((object)$"{recent.Requests} requests/s, {recent.Failed} failed{p99}")),
                    (int)Math.Min(100, 100 * (load.Elapsed / options.Duration)));
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement has ended.
        }
    }
}
