using System.Globalization;

namespace KubeLab;

/// <summary>The effect of one kind of fault in a year.</summary>
public sealed record KlFaultImpact
{
    /// <summary>The kind.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>The faults of this kind that were measured.</summary>
    public required int Measured { get; init; }

    /// <summary>The mean downtime that one fault caused: failed requests during the fault, divided by the rate.</summary>
    public required TimeSpan Mttr { get; init; }

    /// <summary>The failures that are expected in a year.</summary>
    public required double FailuresPerYear { get; init; }

    /// <summary>The availability if only faults of this kind occurred.</summary>
    public required double Availability { get; init; }

    /// <summary>The downtime in a year.</summary>
    public required TimeSpan DowntimePerYear { get; init; }

    /// <summary>The downtime in a year with one more component that takes over.</summary>
    public required TimeSpan DowntimePerYearWithSpare { get; init; }
}

/// <summary>The availability that is expected in a year, from measured downtimes and assumed failures.</summary>
public sealed record KlPrediction
{
    /// <summary>The availability.</summary>
    public required double Availability { get; init; }

    /// <summary>The downtime in a year.</summary>
    public required TimeSpan DowntimePerYear { get; init; }

    /// <summary>The kind of fault that causes the longest downtime, or null if none causes any.</summary>
    public FaultKind? Dominant { get; init; }

    /// <summary>The endpoints that were measured: n.</summary>
    public required int Endpoints { get; init; }

    /// <summary>The availability with one more replica or node that takes over at once: 1 of n + 1 instead of 1 of n.</summary>
    public required double AvailabilityWithSpare { get; init; }

    /// <summary>The downtime in a year with this additional replica or node.</summary>
    public required TimeSpan DowntimePerYearWithSpare { get; init; }

    /// <summary>The effect of each kind of fault, longest downtime first.</summary>
    public required KlFaultImpact[] Faults { get; init; }

    /// <summary>Kinds of -FailuresPerYear that were not measured. The prediction does not include them.</summary>
    public required KlCollection<FaultKind> NotMeasured { get; init; }

    /// <summary>The availability in percent and the downtime.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Availability:0.000####%} ({DowntimePerYear.TotalMinutes:0.#} minutes of downtime a year)");
}
