namespace KubeLab.Engine.Reliability.Load;

/// <summary>A period in which requests failed.</summary>
/// <param name="Start">The appointed time of the first failed request.</param>
/// <param name="End">The appointed time of the first successful request, or the end of the measurement.</param>
/// <param name="IsOver">Whether a request succeeded.</param>
/// <param name="Failed">The failed requests.</param>
/// <param name="Reason">The most frequent reason.</param>
/// <param name="Endpoint">The number of the endpoint, or null for all endpoints.</param>
internal sealed record Outage(TimeSpan Start, TimeSpan End, bool IsOver, long Failed, string Reason, int? Endpoint)
{
    public TimeSpan Duration => End - Start;
}

/// <summary>Finds outages in requests that are added in the order of their appointed times.</summary>
/// <remarks>An outage of all endpoints lasts from the first failure until any endpoint responds, if each endpoint failed in between. An outage of one
/// endpoint is listed in addition if it began or ended at another time.</remarks>
/// <param name="endpoints">The number of endpoints.</param>
/// <param name="rate">Requests a second.</param>
internal sealed class OutageTracker(int endpoints, double rate)
{
    /// <summary>The maximum number of outages that are listed.</summary>
    public const int MaxListed = 1000;

    private const double MinTolerance = 1;
    private const int Rounds = 2;

    // Endpoints get their requests in turn, and proxies of different nodes notice a change at different times.
    private readonly TimeSpan _tolerance = TimeSpan.FromSeconds(Math.Max(MinTolerance, Rounds * endpoints / rate));
    private readonly Run?[] _open = new Run?[endpoints];
    private readonly HashSet<int> _failing = [];
    private readonly PriorityQueue<Outage, TimeSpan> _longest = new();
    private Run? _sinceSuccess;
    private (TimeSpan Start, TimeSpan End)? _ofAll;
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
        if (sample.Result.Reason is { } reason)
        {
            _failing.Add(sample.Endpoint);
            (_sinceSuccess ??= new(sample.Due)).Add(reason);
            (_open[sample.Endpoint] ??= new(sample.Due)).Add(reason);
            return;
        }
        CloseAll(sample.Due, isOver: true);
        Close(sample.Endpoint, sample.Due, isOver: true);
    }

    /// <summary>Ends the measurement.</summary>
    public void End(TimeSpan end)
    {
        CloseAll(end, isOver: false);
        for (var endpoint = 0; endpoint < endpoints; endpoint++)
            Close(endpoint, end, isOver: false);
    }

    private void CloseAll(TimeSpan end, bool isOver)
    {
        if (_sinceSuccess is { } run && _failing.Count == endpoints)
        {
            Emit(run.Outage(end, isOver, null));
            _ofAll = (run.Start, end);
        }
        _sinceSuccess = null;
        _failing.Clear();
    }

    private void Close(int endpoint, TimeSpan end, bool isOver)
    {
        if (_open[endpoint] is not { } run)
            return;
        _open[endpoint] = null;
        if (_ofAll is not { } all || run.Start > all.End || run.Start < all.Start - _tolerance || end > all.End + _tolerance)
            Emit(run.Outage(end, isOver, endpoint));
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

        public TimeSpan Start => start;

        public void Add(string reason) => _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;

        // Requests are not sent because others time out, so that is no reason by itself.
        public Outage Outage(TimeSpan end, bool isOver, int? endpoint) => new(start, end, isOver, _reasons.Values.Sum(),
            _reasons.OrderBy(reason => reason.Key == FailureReason.NotSent).ThenByDescending(reason => reason.Value).First().Key, endpoint);
    }
}
