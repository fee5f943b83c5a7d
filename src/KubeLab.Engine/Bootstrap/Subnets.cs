using System.Net;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Chooses pod and service subnets that do not overlap the networks of the machines.</summary>
internal static class Subnets
{
    /// <summary>The first common pod subnet that does not overlap <paramref name="taken"/>.</summary>
    public static IPNetwork Pods(IReadOnlyList<IPNetwork> taken) =>
        First(Enumerable.Range(244, 10).Select(n => $"10.{n}.0.0/16"), taken);

    /// <summary>The first common service subnet that does not overlap <paramref name="taken"/>.</summary>
    public static IPNetwork Services(IReadOnlyList<IPNetwork> taken) =>
        First(Enumerable.Range(96, 16).Select(n => $"10.{n}.0.0/16"), taken);

    /// <summary>Parses a pod subnet and checks that it does not overlap <paramref name="taken"/>.</summary>
    /// <exception cref="KlException">SubnetInvalid, SubnetOverlaps.</exception>
    public static IPNetwork Parse(string text, IReadOnlyList<IPNetwork> taken)
    {
        if (!IPNetwork.TryParse(text, out var network) || network.PrefixLength > 22)
            throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, text, $"'{text}' is not a valid pod subnet. Each node uses a /24 of it.",
                "Use a subnet such as 10.244.0.0/16.");
        foreach (var other in taken)
            if (Overlap(network, other))
                throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, text,
                    $"The pod subnet {network} overlaps {other}, which the machines use.",
                    "Choose another -PodSubnet, or omit it.");
        return network;
    }

    /// <summary>Checks that subnets that cannot be changed do not overlap <paramref name="taken"/>.</summary>
    /// <exception cref="KlException">SubnetOverlaps.</exception>
    public static void Check(IEnumerable<IPNetwork> subnets, IReadOnlyList<IPNetwork> taken)
    {
        foreach (var subnet in subnets)
            foreach (var other in taken.Where(one => Overlap(subnet, one)))
                throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, $"{subnet}",
                    $"The subnet {subnet} of the cluster overlaps {other}, which the machines use.", "Use machines in another network.");
    }

    /// <summary>Whether two networks share an address.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    private static IPNetwork First(IEnumerable<string> candidates, IReadOnlyList<IPNetwork> taken)
    {
        foreach (var candidate in candidates.Select(text => IPNetwork.Parse(text)))
            if (!taken.Any(other => Overlap(candidate, other)))
                return candidate;
        throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, "",
            "The networks of the machines overlap all default pod or service subnets.",
            "Specify a pod subnet with -PodSubnet.");
    }
}
