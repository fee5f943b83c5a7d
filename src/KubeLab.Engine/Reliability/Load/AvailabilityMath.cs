namespace KubeLab.Engine.Reliability.Load;

/// <summary>Formulas of availability.</summary>
public static class AvailabilityMath
{
    // The 97.5th percentile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>The 95 % confidence interval of a proportion by Wilson's score method. It holds for small numbers and for proportions near 1 too.</summary>
    /// <remarks>E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American Statistical
    /// Association 22 (1927), pages 209 to 212.</remarks>
    /// <param name="succeeded">The successful requests.</param>
    /// <param name="requests">All requests. Zero: nothing is known, and the interval is from 0 to 1.</param>
    public static (double Low, double High) Interval(long succeeded, long requests)
    {
        if (requests == 0)
            return (0, 1);
        var (n, share) = ((double)requests, (double)succeeded / requests);
        var center = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
        var half = Z / (1 + Z * Z / n) * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        return (succeeded == 0 ? 0 : center - half, succeeded == requests ? 1 : center + half);
    }

    /// <summary>The number of nines, or null for 1.</summary>
    public static double? Nines(double availability) => availability >= 1 ? null : 0 - Math.Log10(1 - availability);

    /// <summary>The share of time in which a component is available that fails <paramref name="failures"/> times in a period: MTBF / (MTBF + MTTR).</summary>
    /// <param name="failures">The failures in the period.</param>
    /// <param name="mttr">The mean time to recovery, as a share of the period.</param>
    public static double SteadyState(double failures, double mttr) => 1 / (1 + failures * mttr);

    /// <summary>The availability of a system that needs <paramref name="k"/> of <paramref name="n"/> equal, independent components.</summary>
    /// <remarks>The sum over i from k to n of C(n, i) a^i (1 - a)^(n - i). K. S. Trivedi, "Probability and Statistics with Reliability, Queuing, and
    /// Computer Science Applications", 2nd edition, Wiley (2002), section 2.7.</remarks>
    /// <param name="k">The components that are needed.</param>
    /// <param name="n">The components that exist.</param>
    /// <param name="availability">The availability of one component.</param>
    public static double KOutOfN(int k, int n, double availability)
    {
        var (sum, ways) = (0.0, 1.0);
        for (var up = n; up >= k; up--)
        {
            sum += ways * Math.Pow(availability, up) * Math.Pow(1 - availability, n - up);
            ways = ways * up / (n - up + 1);
        }
        return sum;
    }
}
