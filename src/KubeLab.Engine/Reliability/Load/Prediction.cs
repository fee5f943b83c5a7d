namespace KubeLab.Engine.Reliability.Load;

/// <summary>Predicts the availability of a year from measured downtimes and assumed failures.</summary>
/// <remarks>Kinds of faults are independent of each other, and the service is available if none of them makes it unavailable (a series system): the
/// availability is the product of the availabilities by kind, each MTBF / (MTBF + MTTR).</remarks>
internal static class Prediction
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <param name="failuresPerYear">The assumed failures.</param>
    /// <param name="downtimes">The downtime of each measured fault.</param>
    /// <param name="endpoints">The components that were measured, each of which can serve the users: the endpoints of the service.</param>
    /// <returns>The prediction, or null if no fault of these kinds was measured.</returns>
    public static KlPrediction? Of(
        IReadOnlyDictionary<FaultKind, double> failuresPerYear, IEnumerable<(FaultKind Kind, TimeSpan Downtime)> downtimes, int endpoints)
    {
        KlFaultImpact[] impacts = [.. downtimes.Where(one => failuresPerYear.ContainsKey(one.Kind)).GroupBy(one => one.Kind, one => one.Downtime)
            .Select(measured => ImpactOf(measured.Key, failuresPerYear[measured.Key], [.. measured], endpoints))
            .OrderByDescending(impact => impact.DowntimePerYear)];
        if (impacts.Length == 0)
            return null;
        var availability = impacts.Aggregate(1.0, (product, impact) => product * impact.Availability);
        var withSpare = impacts.Aggregate(1.0, (product, impact) => product * WithSpare(impact.Availability, endpoints));
        return new()
        {
            Availability = availability,
            DowntimePerYear = DowntimeOf(availability),
            Endpoints = endpoints,
            Dominant = impacts[0].DowntimePerYear > TimeSpan.Zero ? impacts[0].Kind : null,
            AvailabilityWithSpare = withSpare,
            DowntimePerYearWithSpare = DowntimeOf(withSpare),
            Faults = impacts,
            NotMeasured = [.. failuresPerYear.Keys.Except(impacts.Select(impact => impact.Kind)).Order()],
        };
    }

    private static KlFaultImpact ImpactOf(FaultKind kind, double failures, IReadOnlyList<TimeSpan> downtimes, int endpoints)
    {
        var mttr = downtimes.Aggregate(TimeSpan.Zero, (sum, one) => sum + one) / downtimes.Count;
        var availability = AvailabilityMath.SteadyState(failures, mttr / Year);
        return new()
        {
            Kind = kind,
            Measured = downtimes.Count,
            Mttr = mttr,
            FailuresPerYear = failures,
            Availability = availability,
            DowntimePerYear = DowntimeOf(availability),
            DowntimePerYearWithSpare = DowntimeOf(WithSpare(availability, endpoints)),
        };
    }

    // What was measured is a 1-of-n system. The availability of one component follows from it, and from that the one of 1 of n + 1.
    private static double WithSpare(double availability, int endpoints) =>
        AvailabilityMath.KOutOfN(1, endpoints + 1, 1 - Math.Pow(1 - availability, 1.0 / endpoints));

    private static TimeSpan DowntimeOf(double availability) => Year * (1 - availability);
}
