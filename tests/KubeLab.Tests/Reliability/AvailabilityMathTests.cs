using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Tests.Reliability;

public sealed class AvailabilityMathTests
{
    // The first four: R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(0, 0, 0, 1)]
    public void The_confidence_interval_is_that_of_Wilson(long succeeded, long requests, double low, double high)
    {
        var interval = AvailabilityMath.Interval(succeeded, requests);
        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    [Theory]
    [InlineData(0, 0.0)]
    [InlineData(0.9, 1.0)]
    [InlineData(0.9995, 3.3)]
    [InlineData(1, null)]
    public void Nines_are_a_logarithm(double availability, double? nines) =>
        Assert.Equal(nines, AvailabilityMath.Nines(availability) is { } exact ? Math.Round(exact, 2) : null);

    [Theory]
    [InlineData(1, 1, 0.9, 0.9)]
    [InlineData(1, 2, 0.9, 0.99)]
    [InlineData(2, 2, 0.9, 0.81)]
    [InlineData(2, 3, 0.9, 0.972)]
    [InlineData(3, 5, 0.9, 0.99144)]
    [InlineData(0, 3, 0.5, 1)]
    public void K_of_n_components_are_a_binomial_sum(int k, int n, double availability, double expected) =>
        Assert.Equal(expected, AvailabilityMath.KOutOfN(k, n, availability), 1e-12);

    [Fact]
    public void The_prediction_equals_the_one_computed_by_hand()
    {
        // The example of docs/reliability.md: four endpoints. Two crashes with 291.6 and 292.4 failed requests of 40 a second: MTTR 7.3 s. Twelve a year:
        // 87.6 s in 31 536 000 s, A = 1 / (1 + 87.6 / 31 536 000).
        const double Year = 31_536_000;
        var prediction = Prediction.Of(
            new Dictionary<FaultKind, double>
            {
                [FaultKind.NodeCrash] = 12, [FaultKind.ContainerKill] = 100, [FaultKind.NetworkPartition] = 12, [FaultKind.DiskFull] = 1,
            },
            [(FaultKind.NodeCrash, TimeSpan.FromSeconds(7.29)), (FaultKind.NodeCrash, TimeSpan.FromSeconds(7.31)),
                (FaultKind.ContainerKill, TimeSpan.FromSeconds(2.5)), (FaultKind.NetworkPartition, TimeSpan.FromSeconds(0.46)),
                (FaultKind.PodKill, TimeSpan.FromHours(1))], endpoints: 4)!;

        double[] availabilities = [1 / (1 + 250 / Year), 1 / (1 + 87.6 / Year), 1 / (1 + 5.52 / Year)];
        Assert.Equal(availabilities.Aggregate((one, two) => one * two), prediction.Availability, 1e-12);
        // About 250 s, 87.6 s and 5.5 s.
        Assert.Equal(343.1, prediction.DowntimePerYear.TotalSeconds, 0.05);
        Assert.Equal((FaultKind.ContainerKill, 4), (prediction.Dominant, prediction.Endpoints));
        Assert.Equal([FaultKind.ContainerKill, FaultKind.NodeCrash, FaultKind.NetworkPartition], prediction.Faults.Select(fault => fault.Kind));
        Assert.Equal((2, 7.3), (prediction.Faults[1].Measured, prediction.Faults[1].Mttr.TotalSeconds));
        // 1 - A = u^4 for four endpoints of which each is down with the probability u; for five, u^5.
        Assert.Equal([13.27, 3.58, 0.11], prediction.Faults.Select(fault => Math.Round(fault.DowntimePerYearWithSpare.TotalSeconds, 2)));
        Assert.Equal(availabilities.Aggregate(1.0, (product, one) => product * (1 - Math.Pow(1 - one, 1.25))), prediction.AvailabilityWithSpare, 1e-12);
        Assert.Equal([FaultKind.DiskFull], prediction.NotMeasured);
    }

    [Fact]
    public void A_fault_without_effect_does_not_dominate_and_an_unmeasured_one_is_not_predicted()
    {
        var failures = new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12 };
        var prediction = Prediction.Of(failures, [(FaultKind.NodeCrash, TimeSpan.Zero)], 1)!;
        Assert.Equal((1.0, null), (prediction.Availability, prediction.Dominant));
        Assert.Null(Prediction.Of(failures, [], 1));
    }
}
