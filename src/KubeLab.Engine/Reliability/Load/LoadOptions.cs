namespace KubeLab.Engine.Reliability.Load;

/// <summary>How requests are sent.</summary>
public sealed record LoadOptions
{
    /// <summary>The highest rate.</summary>
    public const double MaxRate = 100_000;

    /// <summary>The longest measurement.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(7);

    /// <summary>The longest timeout of a request.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    private const int MinLimit = 100;
    private const int MaxLimit = 10_000;
    private static readonly TimeSpan MaxWarmUp = TimeSpan.FromSeconds(10);

    /// <summary>Requests a second.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>The length of the measurement. It is longer if the work beside it takes longer.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The time after which a request has failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time before the work beside the load starts. Default: a tenth of the duration, at most 10 seconds.</summary>
    public TimeSpan? WarmUp { get; init; }

    /// <summary>The requests that can wait for a response at a time. Default: as many as are sent within <see cref="Timeout"/>, 100 to 10000.</summary>
    public int? MaxInFlight { get; init; }

    /// <summary>The failures of each kind that are expected in a year, or null.</summary>
    public IReadOnlyDictionary<FaultKind, double>? FailuresPerYear { get; init; }

    internal int Limit => MaxInFlight ?? (int)Math.Clamp(Math.Ceiling(Rate * Timeout.TotalSeconds), MinLimit, MaxLimit);

    internal TimeSpan BeforeWork => WarmUp ?? (Duration / 10 < MaxWarmUp ? Duration / 10 : MaxWarmUp);

    /// <summary>The appointed time of a request, from the start.</summary>
    internal TimeSpan DueAt(long index) => TimeSpan.FromTicks((long)(index * (TimeSpan.TicksPerSecond / Rate)));

    /// <summary>Checks the values.</summary>
    /// <exception cref="KlException">LoadInvalid.</exception>
    public void Check()
    {
        Require(Rate is > 0 and <= MaxRate, nameof(Rate), $"{Rate} requests a second is not a valid rate.", $"Specify a rate up to {MaxRate:0}.");
        Require(Duration > TimeSpan.Zero && Duration <= MaxDuration, nameof(Duration), $"{Duration} is not a valid duration.",
            $"Specify a duration up to {MaxDuration.TotalDays:0} days.");
        Require(Timeout > TimeSpan.Zero && Timeout <= MaxTimeout, nameof(Timeout), $"{Timeout} is not a valid timeout.",
            $"Specify a timeout up to {MaxTimeout.TotalMinutes:0} minutes.");
        Require(WarmUp is null || WarmUp >= TimeSpan.Zero && WarmUp <= MaxDuration, nameof(WarmUp), $"{WarmUp} is not a valid time before the first fault.",
            "Specify a time of zero or more.");
        Require(MaxInFlight is null or > 0, nameof(MaxInFlight), $"{MaxInFlight} is not a valid number of requests.", "Specify one or more.");
        foreach (var (kind, count) in FailuresPerYear ?? new Dictionary<FaultKind, double>())
            Require(count >= 0 && double.IsFinite(count), nameof(FailuresPerYear), $"{count} is not a valid number of failures of the kind {kind}.",
                "Specify zero or more failures a year.");
    }

    private static void Require(bool isValid, string target, string message, string next)
    {
        if (!isValid)
            throw new KlException(ErrorIds.LoadInvalid, KlErrorKind.InvalidInput, target, message, next);
    }
}
