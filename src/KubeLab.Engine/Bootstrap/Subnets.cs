using System.Net;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Chooses the addresses of pods and services apart from those the machines use.</summary>
internal static class Subnets
{
    /// <summary>The first of the usual pod networks that none of <paramref name="taken"/> overlaps.</summary>
    public static IPNetwork Pods(IReadOnlyList<IPNetwork> taken) => First(Enumerable.Range(244, 10).Select(n => $"10.{n}.0.0/16"), taken);

    /// <summary>The first of the usual service networks that none of <paramref name="taken"/> overlaps.</summary>
    public static IPNetwork Services(IReadOnlyList<IPNetwork> taken) => First(Enumerable.Range(96, 16).Select(n => $"10.{n}.0.0/16"), taken);

    /// <summary>A pod network that was asked for.</summary>
    /// <exception cref="KlException">SubnetInvalid, SubnetOverlaps.</exception>
    public static IPNetwork Asked(string text, IReadOnlyList<IPNetwork> taken)
    {
        if (!IPNetwork.TryParse(text, out var network) || network.PrefixLength > 22)
            throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, text, $"'{text}' is not a valid pod network: each node takes a /24 of it.",
                "Give one such as 10.244.0.0/16.");
        foreach (var other in taken)
            if (Overlap(network, other))
                throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, text, $"Pods cannot have {network}: the machines use {other}.",
                    "Choose another -PodSubnet, or leave it out.");
        return network;
    }

    /// <summary>Whether two networks share an address.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    private static IPNetwork First(IEnumerable<string> candidates, IReadOnlyList<IPNetwork> taken)
    {
        foreach (var candidate in candidates.Select(text => IPNetwork.Parse(text)))
            if (!taken.Any(other => Overlap(candidate, other)))
                return candidate;
        throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, "", "The machines use every network that KubeLab would give to pods or services.",
            "Choose one with -PodSubnet.");
    }
}
