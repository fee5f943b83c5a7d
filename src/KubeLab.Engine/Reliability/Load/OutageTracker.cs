namespace KubeLab.Engine.Reliability.Load;

/// <summary>A period in which requests failed.</summary>
/// <param name="Start">The appointed time of the first failed request.</param>
/// <param name="End">The appointed time of the first successful request that no failure followed soon, or the end of the measurement.</param>
/// <param name="IsOver">Whether there was such a request.</param>
/// <param name="Failed">The failed requests.</param>
/// <param name="Reason">The most frequent reason.</param>
/// <param name="Endpoint">The number of the endpoint, or null for all endpoints.</param>
internal sealed record Outage(TimeSpan Start, TimeSpan End, bool IsOver, long Failed, string Reason, int? Endpoint)
{
    public TimeSpan Duration => End - Start;
}

/// <summary>Finds outages in requests that are added in the order of their appointed times.</summary>
/// <remarks>Failures that follow each other within a second, or within two requests to each endpoint if that is longer, belong to one outage: a service
/// that responds now and then is not available. An outage of all endpoints lasts from the first failure until any endpoint responds, if each endpoint failed
/// in between. An outage of one endpoint is listed in addition if it began or ended at another time.</remarks>
/// <param name="endpoints">The number of endpoints.</param>
/// <param name="rate">Requests a second.</param>
internal sealed class OutageTracker(int endpoints, double rate)
{
    /// <summary>The maximum number of outages that are listed.</summary>
    public const int MaxListed = 1000;

    private const double MinTolerance = 1;
    private const int Rounds = 2;

    // Also the difference between outages of endpoints that are the same: proxies of different nodes notice a change at different times.
    private readonly TimeSpan _tolerance = TimeSpan.FromSeconds(Math.Max(MinTolerance, Rounds * endpoints / rate));
    private readonly Run?[] _runs = new Run?[endpoints];
    private readonly HashSet<int> _failing = [];
    private readonly PriorityQueue<Outage, TimeSpan> _longest = new();
    private Run? _sinceSuccess, _ofAll;
    private Outage? _lastOfAll;
    private (TimeSpan First, TimeSpan Last) _starts = (TimeSpan.MaxValue, TimeSpan.MinValue);
    private TimeSpan _total;

    /// <summary>The number of outages.</summary>
    public long Count { get; private set; }

    /// <summary>The longest outages, in the order of their start.</summary>
    public IReadOnlyList<Outage> Listed => [.. _longest.UnorderedItems.Select(item => item.Element).OrderBy(outage => outage.Start)];

    /// <summary>The mean duration, or null without outages.</summary>
    public TimeSpan? Mttr => Count == 0 ? null : _total / Count;

    /// <summary>The mean time between two starts, or null with fewer than two outages.</summary>
    public TimeSpan? Mtbf => Count < 2 ? null : (_starts.Last - _starts.First) / (Count - 1);

    public void Add(in Sample sample)
    {
        var (endpoint, due) = (sample.Endpoint, sample.Due);
        if (IsOver(_ofAll, due))
            Close(ref _ofAll, due, null);
        if (IsOver(_runs[endpoint], due))
            Close(ref _runs[endpoint], due, endpoint);
        if (sample.Result.Reason is { } reason)
        {
            _failing.Add(endpoint);
            (_sinceSuccess ??= new(due)).Fail(reason);
            (_runs[endpoint] ??= new(due)).Fail(reason);
            return;
        }
        EndSinceSuccess();
        _ofAll?.Succeed(due);
        _runs[endpoint]?.Succeed(due);
    }

    /// <summary>Ends the measurement.</summary>
    public void End(TimeSpan end)
    {
        EndSinceSuccess();
        Close(ref _ofAll, end, null);
        for (var endpoint = 0; endpoint < endpoints; endpoint++)
            Close(ref _runs[endpoint], end, endpoint);
    }

    private void EndSinceSuccess()
    {
        if (_sinceSuccess is { } run && _failing.Count == endpoints)
            _ofAll = _ofAll?.With(run) ?? run;
        _sinceSuccess = null;
        _failing.Clear();
    }

    private bool IsOver(Run? run, TimeSpan now) => now - run?.End >= _tolerance;

    private void Close(ref Run? open, TimeSpan now, int? endpoint)
    {
        if (open is not { } run)
            return;
        open = null;
        var outage = run.Outage(now, endpoint);
        if (endpoint is null)
            _lastOfAll = outage;
        else if (_lastOfAll is { } all && outage.Start <= all.End && outage.Start >= all.Start - _tolerance && outage.End <= all.End + _tolerance)
            return;
        Emit(outage);
    }

    private void Emit(Outage outage)
    {
        Count++;
        _total += outage.Duration;
        _starts = (outage.Start < _starts.First ? outage.Start : _starts.First, outage.Start > _starts.Last ? outage.Start : _starts.Last);
        _longest.Enqueue(outage, outage.Duration);
        if (_longest.Count > MaxListed)
            _longest.Dequeue();
    }

    private sealed class Run(TimeSpan start)
    {
        private readonly Dictionary<string, long> _reasons = [];

        // The first success after the last failure.
        public TimeSpan? End { get; private set; }

        public void Fail(string reason) => Fail(reason, 1);

        public void Succeed(TimeSpan time) => End ??= time;

        public Run With(Run later)
        {
            foreach (var (reason, count) in later._reasons)
                Fail(reason, count);
            return this;
        }

        // Requests are not sent because others time out, so that is not a reason by itself.
        public Outage Outage(TimeSpan now, int? endpoint) => new(start, End ?? now, End is not null, _reasons.Values.Sum(),
            _reasons.OrderBy(reason => reason.Key == FailureReason.NotSent).ThenByDescending(reason => reason.Value).First().Key, endpoint);

        private void Fail(string reason, long count)
        {
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + count;
            End = null;
        }
    }
}
