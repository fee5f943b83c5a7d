using System.Globalization;

namespace KubeLab;

/// <summary>Latency percentiles in milliseconds. Latency counts from the appointed time of a request, so that delays of the sender are included.</summary>
/// <param name="P50">The median.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="P999">The 99.9th percentile.</param>
/// <param name="P9999">The 99.99th percentile.</param>
/// <param name="Max">The maximum.</param>
public sealed record KlLatency(double P50, double P90, double P99, double P999, double P9999, double Max);

/// <summary>A period in which requests failed. Failures that follow each other within a second, or within two requests to each endpoint if that is longer,
/// belong to one outage.</summary>
public sealed record KlOutage
{
    /// <summary>The appointed time of the first failed request.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The appointed time of the first successful request after the last failed one, or null if there was none.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>From the start to the end, or to the end of the measurement.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The failed requests.</summary>
    public required long Failed { get; init; }

    /// <summary>The most frequent reason: Refused, Reset, TimedOut, Status5xx, WrongContent, ...</summary>
    public required string Reason { get; init; }

    /// <summary>The faults that were active, or ended shortly before, in words; empty if none.</summary>
    public required KlCollection<string> Faults { get; init; }

    /// <summary>The endpoint, or null if all endpoints failed.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The duration and the reason.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Duration.TotalSeconds:0.###} s {Reason}");
}

/// <summary>What was measured in one phase, or for one endpoint.</summary>
public sealed record KlAvailabilityPart
{
    /// <summary>The name: Before, a fault, Between, After; or an endpoint.</summary>
    public required string Name { get; init; }

    /// <summary>The start.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The end.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>The requests that were due.</summary>
    public required long Requests { get; init; }

    /// <summary>The requests that failed.</summary>
    public required long Failed { get; init; }

    /// <summary>The share of successful requests from 0 to 1, or null if none was due.</summary>
    public double? Availability => Requests == 0 ? null : (double)(Requests - Failed) / Requests;

    /// <summary>The latency of the successful requests, or null if there were none.</summary>
    public KlLatency? Latency { get; init; }
}

/// <summary>One interval of the timeline.</summary>
/// <param name="Start">Its start.</param>
/// <param name="Requests">The requests that were due in it.</param>
/// <param name="Failed">The requests that failed.</param>
/// <param name="P50">The median latency in milliseconds, or null without successful requests.</param>
/// <param name="P99">The 99th percentile in milliseconds.</param>
/// <param name="Max">The maximum in milliseconds.</param>
public sealed record KlTimelinePoint(DateTimeOffset Start, long Requests, long Failed, double? P50, double? P99, double? Max);

/// <summary>The result of Measure-KlAvailability.</summary>
public sealed record KlAvailability : IKlMeasurement
{
    /// <summary>The name of the service, URL or probe.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster of the service, or null.</summary>
    public string? Cluster { get; init; }

    /// <summary>The start of the measurement.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The length of the measurement.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Requests a second that were appointed.</summary>
    public required double Rate { get; init; }

    /// <summary>All requests that were due.</summary>
    public required long Requests { get; init; }

    /// <summary>Those that succeeded.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Those that failed, including <see cref="NotSent"/>.</summary>
    public required long Failed { get; init; }

    /// <summary>Those that were due but not sent, because -MaxInFlight requests were waiting.</summary>
    public required long NotSent { get; init; }

    /// <summary>The share of successful requests, from 0 to 1.</summary>
    public required double Availability { get; init; }

    /// <summary>The lower end of the 95 % confidence interval of the availability.</summary>
    public required double AvailabilityLow { get; init; }

    /// <summary>The upper end of the 95 % confidence interval of the availability.</summary>
    public required double AvailabilityHigh { get; init; }

    /// <summary>The number of nines: -log10(1 - availability); null if no request failed.</summary>
    public double? Nines { get; init; }

    /// <summary>The periods in which requests failed, in the order of their start. If there were more than a thousand, the longest ones.</summary>
    public required KlCollection<KlOutage> Outages { get; init; }

    /// <summary>The number of all outages, including those that are not in <see cref="Outages"/>.</summary>
    public required long OutageCount { get; init; }

    /// <summary>The mean time to recovery: the mean duration of all outages; null without outages.</summary>
    public TimeSpan? Mttr { get; init; }

    /// <summary>The mean time between the starts of two outages; null with fewer than two.</summary>
    public TimeSpan? Mtbf { get; init; }

    /// <summary>The latency of the successful requests, or null if there were none.</summary>
    public KlLatency? Latency { get; init; }

    /// <summary>Failed requests by reason.</summary>
    public required IReadOnlyDictionary<string, long> Reasons { get; init; }

    /// <summary>Before the first fault, during each fault until its target had recovered, between faults, and after the last one; empty without
    /// faults.</summary>
    public required KlAvailabilityPart[] Phases { get; init; }

    /// <summary>Each endpoint.</summary>
    public required KlAvailabilityPart[] Endpoints { get; init; }

    /// <summary>The faults that were active during the measurement.</summary>
    public required KlCollection<KlFault> Faults { get; init; }

    /// <summary>The timeline in intervals of equal length.</summary>
    public required KlTimelinePoint[] Timeline { get; init; }

    /// <summary>The length of an interval of the timeline.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>What is expected in a year, or null without -FailuresPerYear.</summary>
    public KlPrediction? Prediction { get; init; }

    /// <summary>What ran: the cluster's version, the number of nodes, the script of -During, ...; by name.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The name and the availability in percent.</summary>
    public override string ToString() => $"{Name}: {Availability:0.000####%}";
}
