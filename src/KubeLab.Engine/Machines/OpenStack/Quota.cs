using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The quota that an order needs.</summary>
/// <param name="Servers">New servers.</param>
/// <param name="Flavor">Their flavor.</param>
internal sealed record Quota(int Servers, Flavor Flavor)
{
    /// <summary>New ports.</summary>
    public int Ports { get; init; }

    /// <summary>New floating IPs.</summary>
    public int FloatingIps { get; init; }

    /// <summary>New networks, each with a subnet: 1 or 0.</summary>
    public int Networks { get; init; }

    /// <summary>New routers: 1 or 0.</summary>
    public int Routers { get; init; }

    /// <summary>New security groups: 1 or 0.</summary>
    public int Groups { get; init; }

    /// <summary>New security group rules.</summary>
    public int Rules { get; init; }

    /// <summary>New server groups: 1 or 0.</summary>
    public int ServerGroups { get; init; }

    /// <summary>The size of each server's volume in GiB. Null: no volumes.</summary>
    public int? Volume { get; init; }

    /// <summary>Fails if the order needs more than is available.</summary>
    /// <exception cref="KlException">QuotaShort, with the missing amounts.</exception>
    public void Check(string cloud, ComputeLimits compute, IReadOnlyDictionary<string, NetworkQuota> network, VolumeLimits? volumes)
    {
        Need Of(string what, string name, int wanted) => network.GetValueOrDefault(name) is { } quota
            ? new(what, wanted, quota.Used + quota.Reserved, quota.Limit) : new(what, wanted, 0, -1);
        Need[] needs =
        [
            new("instances", Servers, compute.InstancesUsed, compute.MaxInstances),
            new("cores", Servers * Flavor.Vcpus, compute.CoresUsed, compute.MaxCores),
            new("RAM (MiB)", Servers * Flavor.Ram, compute.RamUsed, compute.MaxRam),
            new("server groups", ServerGroups, compute.ServerGroupsUsed, compute.MaxServerGroups),
            Of("ports", "port", Ports),
            Of("floating IPs", "floatingip", FloatingIps),
            Of("networks", "network", Networks),
            Of("subnets", "subnet", Networks),
            Of("routers", "router", Routers),
            Of("security groups", "security_group", Groups),
            Of("security group rules", "security_group_rule", Rules),
            .. Volume is { } size && volumes is not null
                ? [new("volumes", Servers, volumes.VolumesUsed, volumes.MaxVolumes),
                    new("volume size (GiB)", Servers * size, volumes.GigabytesUsed, volumes.MaxGigabytes)]
                : Array.Empty<Need>(),
        ];
        if (Array.FindAll(needs, need => need.IsShort) is { Length: > 0 } missing)
            throw new KlException(ErrorIds.QuotaShort, KlErrorKind.Failed, cloud,
                $"The quota in {cloud} is exceeded: {string.Join("; ", missing.AsEnumerable())}. Nothing was created.",
                "Request fewer machines or a smaller flavor, remove unused machines, or request a higher quota.");
    }

    private sealed record Need(string What, int Wanted, int Used, int Limit)
    {
        public bool IsShort => Limit >= 0 && Wanted > 0 && Used + Wanted > Limit;

        public override string ToString() => $"{What}: {Wanted} requested, {Used} of {Limit} in use, {Used + Wanted - Limit} missing";
    }
}
