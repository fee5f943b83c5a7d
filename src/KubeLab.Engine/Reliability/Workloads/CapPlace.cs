namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>The place of a database in CAP, as far as a test shows it.</summary>
internal static class CapPlace
{
    private const int Enough = 5;

    // A member notices a partition after some time. Until then it can answer what needs no other member, such as a conflict.
    private const double Negligible = 0.05;

    /// <summary>The place, in words.</summary>
    /// <param name="members">The number of members.</param>
    /// <param name="linearizable">Whether the registers were linearizable; null if they were not tested.</param>
    /// <param name="lost">The number of acknowledged writes that were lost; null if it is not known.</param>
    /// <param name="wasDivided">Whether there was a partition between members.</param>
    /// <param name="sides">The availability of its sides.</param>
    public static string Of(int members, KlVerdict? linearizable, int? lost, bool wasDivided, IReadOnlyList<KlDatabaseAvailability> sides)
    {
        var broken = linearizable == KlVerdict.False ? "The database was not linearizable" : lost > 0 ? "Acknowledged writes were lost" : null;
        var undecided = linearizable is null ? "Linearizability was not tested." : "Linearizability was not decided.";
        if (members == 1)
            return broken is not null ? $"neither: {broken}, although one server cannot be divided by a partition."
                : linearizable == KlVerdict.True ? "CA: The database has one server, which no partition can divide." : $"unknown: {undecided}";
        if (!wasDivided)
            return "unknown: There was no network partition between members during the test.";
        if (sides.Count < 2 || sides.Any(side => side.Reads + side.Writes < Enough))
            return "unknown: There were too few operations on a side of the partition.";
        if (broken is null)
            return linearizable == KlVerdict.True ? Consistent(sides) : $"unknown: {undecided}";
        var (reads, writes) = (sides.All(side => IsMost(side.Reads, side.ReadShare)), sides.All(side => IsMost(side.Writes, side.WriteShare)));
        return (reads, writes) switch
        {
            (true, true) => $"AP: All sides answered reads and writes. {broken}.",
            (true, false) => $"AP: All sides answered reads, but not all answered writes. {broken}.",
            (false, true) => $"AP: All sides answered writes, but not all answered reads. {broken}.",
            _ => $"neither: {broken}, and not all sides answered. {Shares(sides)}",
        };
    }

    private static string Consistent(IReadOnlyList<KlDatabaseAvailability> sides)
    {
        var (majority, minority) = (sides.Where(IsMajority).ToList(), sides.Where(side => !IsMajority(side)).ToList());
        if (majority.Count == 0)
            return $"unknown: The database was linearizable, but no side had a majority. {Shares(sides)}";
        if (minority.Any(side => side.Writes < Enough))
            return "unknown: There were too few writes on the minority side of the partition.";
        return majority.Any(side => side.WritesAnswered > 0) && minority.All(side => side.WriteShare < Negligible)
            ? "CP: The database was linearizable. The majority answered writes, and the minority "
                + (minority.All(side => side.WritesAnswered == 0) ? "did not." : $"hardly. {Shares(minority)}")
            : $"unknown: The database was linearizable, but the majority was not the only side that answered writes. {Shares(sides)}";
    }

    private static bool IsMajority(KlDatabaseAvailability side) => side.Name.StartsWith("majority", StringComparison.Ordinal);

    private static bool IsMost(int count, double? share) => count >= Enough && share >= 0.5;

    private static string Shares(IReadOnlyList<KlDatabaseAvailability> sides) => string.Join(' ', sides.Select(side =>
        FormattableString.Invariant($"{side.Name}: {side.ReadsAnswered} of {side.Reads} reads and {side.WritesAnswered} of {side.Writes} writes answered.")));
}
