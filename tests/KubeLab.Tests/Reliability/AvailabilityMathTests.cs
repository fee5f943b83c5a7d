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
        // Two crashes of 60 s and 30 s: MTTR 45 s. Twelve a year: 540 s in 31 536 000 s, A = 1 / (1 + 540 / 31 536 000).
        var year = TimeSpan.FromDays(365);
        var prediction = Prediction.Of(
            new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12, [FaultKind.ContainerKill] = 100, [FaultKind.DiskFull] = 1 },
            [(FaultKind.NodeCrash, TimeSpan.FromSeconds(60)), (FaultKind.NodeCrash, TimeSpan.FromSeconds(30)),
                (FaultKind.ContainerKill, TimeSpan.FromSeconds(3)), (FaultKind.PodKill, TimeSpan.FromHours(1))])!;

        var (crash, kill) = (1 / (1 + 540 / 31_536_000.0), 1 / (1 + 300 / 31_536_000.0));
        Assert.Equal(crash * kill, prediction.Availability, 1e-12);
        // About 540 s and 300 s.
        Assert.Equal(840, prediction.DowntimePerYear.TotalSeconds, 0.05);
        Assert.Equal(FaultKind.NodeCrash, prediction.Dominant);
        Assert.Equal([FaultKind.NodeCrash, FaultKind.ContainerKill], prediction.Faults.Select(fault => fault.Kind));
        Assert.Equal((2, 45.0), (prediction.Faults[0].Measured, prediction.Faults[0].Mttr.TotalSeconds));
        // With a spare, both must be down: (1 - A)^2.
        Assert.Equal(year * Math.Pow(1 - crash, 2), prediction.Faults[0].DowntimePerYearWithSpare);
        Assert.Equal((1 - Math.Pow(1 - crash, 2)) * (1 - Math.Pow(1 - kill, 2)), prediction.AvailabilityWithSpare, 1e-12);
        Assert.Equal([FaultKind.DiskFull], prediction.NotMeasured);
    }

    [Fact]
    public void A_fault_without_effect_does_not_dominate_and_an_unmeasured_one_is_not_predicted()
    {
        var failures = new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12 };
        var prediction = Prediction.Of(failures, [(FaultKind.NodeCrash, TimeSpan.Zero)])!;
        Assert.Equal((1.0, null), (prediction.Availability, prediction.Dominant));
        Assert.Null(Prediction.Of(failures, []));
    }
}
