namespace KubeLab.Engine.Reliability.Load;

/// <summary>Sums up requests while they complete. Thread-safe; memory does not depend on the number of requests.</summary>
/// <param name="target">What is measured.</param>
/// <param name="options">The rate and the limits.</param>
/// <param name="started">The start of the measurement.</param>
/// <param name="faults">Returns the faults since the start.</param>
/// <param name="requests">Gets each request in the order of appointed times, or null.</param>
internal sealed class LoadRecorder(
    LoadTarget target, LoadOptions options, DateTimeOffset started, Func<IReadOnlyList<KlFault>> faults, Action<KlRequest>? requests)
{
    private const int Digits = 3;
    private const int ProgressDigits = 2;
    private readonly Lock _lock = new();
    private readonly RequestCount _total = new(Digits);
    private readonly RequestCount[] _endpoints = [.. target.Endpoints.Select(_ => new RequestCount(Digits))];
    private readonly TimeSpan?[] _lastSuccess = new TimeSpan?[target.Endpoints.Count];
    private readonly Dictionary<string, long> _reasons = [];
    private readonly OutageTracker _outages = new(target.Endpoints.Count, options.Rate);
    private readonly Timeline _timeline = Timeline.For(options);
    private readonly PhaseRecorder _phases = new(faults, started);
    // Requests that completed before an earlier one did. As many as are due within the timeout.
    private readonly Dictionary<long, Sample> _early = [];
    private RequestCount _recent = new(ProgressDigits);
    private long _next;

    /// <summary>Adds a request in the order of completion.</summary>
    public void Add(Sample sample)
    {
        lock (_lock)
        {
            _recent.Add(sample);
            if (!sample.IsFailed && !(_lastSuccess[sample.Endpoint] > sample.Due))
                _lastSuccess[sample.Endpoint] = sample.Due;
            if (sample.Index != _next)
            {
                _early.Add(sample.Index, sample);
                return;
            }
            do
            {
                _next++;
                AddInOrder(sample);
            }
            while (_early.Remove(_next, out sample));
        }
    }

    /// <summary>Whether each endpoint responded to a request that was due after this time.</summary>
    public bool IsHealthySince(TimeSpan time)
    {
        lock (_lock)
            return Array.TrueForAll(_lastSuccess, last => last >= time);
    }

    /// <summary>The requests since the last call, by completion.</summary>
    public RequestCount TakeRecent()
    {
        lock (_lock)
        {
            var recent = _recent;
            _recent = new(ProgressDigits);
            return recent;
        }
    }

    /// <summary>Sums up the measurement.</summary>
    /// <param name="end">The end of the measurement.</param>
    public KlAvailability Result(TimeSpan end)
    {
        lock (_lock)
        {
            _outages.End(end);
            var (until, succeeded) = (started + end, _total.Requests - _total.Failed);
            var windows = faults().Where(fault => fault.Started < until).Select(fault => new FaultWindow(fault)).ToList();
            var availability = _total.Requests == 0 ? 0 : (double)succeeded / _total.Requests;
            var (low, high) = AvailabilityMath.Interval(succeeded, _total.Requests);
            var phases = _phases.Phases(until);
            return new()
            {
                Name = target.Name,
                Cluster = target.Cluster,
                Started = started,
                Duration = end,
                Rate = options.Rate,
                Requests = _total.Requests,
                Succeeded = succeeded,
                Failed = _total.Failed,
                NotSent = _reasons.GetValueOrDefault(FailureReason.NotSent),
                Availability = availability,
                AvailabilityLow = low,
                AvailabilityHigh = high,
                Nines = AvailabilityMath.Nines(availability),
                Outages = [.. _outages.Listed.Select(outage => Describe(outage, windows))],
                OutageCount = _outages.Count,
                Mttr = _outages.Mttr,
                Mtbf = _outages.Mtbf,
                Latency = _total.Latency,
                Reasons = _reasons.OrderByDescending(reason => reason.Value).ToDictionary(),
                Phases = phases,
                Endpoints = [.. target.Endpoints.Select((endpoint, at) => _endpoints[at].Part(endpoint.Name, started, until))],
                Faults = [.. windows.Select(window => window.Fault)],
                Timeline = _timeline.Points(started),
                Interval = _timeline.Interval,
                Environment = target.Environment,
                Prediction = options.FailuresPerYear is { } failures ? Prediction.Of(failures,
                    windows.Select(window => (window.Fault.Kind, TimeSpan.FromSeconds(_phases.FailedIn(window) / options.Rate))),
                    target.Endpoints.Count) : null,
            };
        }
    }

    private void AddInOrder(Sample sample)
    {
        _total.Add(sample);
        _endpoints[sample.Endpoint].Add(sample);
        _timeline.Add(sample);
        _outages.Add(sample);
        _phases.Add(sample);
        if (sample.Result.Reason is { } reason)
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        requests?.Invoke(new()
        {
            Time = started + sample.Due,
            Endpoint = target.Endpoints[sample.Endpoint].Name,
            Latency = sample.Latency.TotalMilliseconds,
            Status = sample.Result.Status,
            Reason = sample.Result.Reason,
        });
    }

    private KlOutage Describe(Outage outage, List<FaultWindow> windows) => new()
    {
        Started = started + outage.Start,
        Ended = outage.IsOver ? started + outage.End : null,
        Duration = outage.Duration,
        Failed = outage.Failed,
        Reason = outage.Reason,
        Faults = [.. FaultWindow.Causes(windows, started + outage.Start, started + outage.End).Select(fault => fault.ToString())],
        Endpoint = outage.Endpoint is { } endpoint ? target.Endpoints[endpoint].Name : null,
    };
}
