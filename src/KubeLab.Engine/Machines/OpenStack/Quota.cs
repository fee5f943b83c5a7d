using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What an order takes of a project's quota.</summary>
/// <param name="Servers">New servers.</param>
/// <param name="Flavor">Their measures.</param>
/// <param name="Ports">New ports.</param>
/// <param name="FloatingIps">New floating IPs.</param>
/// <param name="Networks">A new network, subnet and router: 1 or 0.</param>
/// <param name="Groups">A new security group: 1 or 0.</param>
internal sealed record Quota(int Servers, Flavor Flavor, int Ports, int FloatingIps, int Networks, int Groups)
{
    private sealed record Need(string What, int Wanted, int Used, int Limit)
    {
        public bool IsShort => Limit >= 0 && Wanted > 0 && Used + Wanted > Limit;

        public override string ToString() => $"{What}: {Wanted} wanted, {Used} of {Limit} in use, {Used + Wanted - Limit} short";
    }

    /// <summary>Throws where it is more than is left.</summary>
    /// <exception cref="KlException">QuotaShort: what is short and by how much.</exception>
    public void Check(string cloud, ComputeLimits compute, IReadOnlyDictionary<string, NetworkQuota>? network)
    {
        Need Of(string what, string name, int wanted) => network?.GetValueOrDefault(name) is { } quota
            ? new(what, wanted, quota.Used + quota.Reserved, quota.Limit) : new(what, wanted, 0, -1);
        Need[] needs =
        [
            new("instances", Servers, compute.InstancesUsed, compute.MaxInstances),
            new("cores", Servers * Flavor.Vcpus, compute.CoresUsed, compute.MaxCores),
            new("RAM (MiB)", Servers * Flavor.Ram, compute.RamUsed, compute.MaxRam),
            Of("ports", "port", Ports + Networks),
            Of("floating IPs", "floatingip", FloatingIps),
            Of("networks", "network", Networks),
            Of("subnets", "subnet", Networks),
            Of("routers", "router", Networks),
            Of("security groups", "security_group", Groups),
        ];
        if (Array.FindAll(needs, need => need.IsShort) is { Length: > 0 } missing)
            throw new KlException("QuotaShort", KlErrorKind.Failed, cloud, $"{cloud}: the quota does not allow it: {string.Join("; ", missing.AsEnumerable())}. Nothing was made.",
                "Ask for fewer machines or a smaller flavor, remove what is not needed (Get-KlVm shows ours), or have the quota raised.");
    }
}
