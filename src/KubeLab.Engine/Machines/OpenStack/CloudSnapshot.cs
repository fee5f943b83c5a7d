using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The resources of a cloud, as far as an order needs them.</summary>
internal sealed record CloudSnapshot
{
    /// <summary>The name of the cloud.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<Image> Images { get; init; }

    public required IReadOnlyList<Flavor> Flavors { get; init; }

    public required IReadOnlyList<Network> Networks { get; init; }

    public required IReadOnlyList<Subnet> Subnets { get; init; }

    public required IReadOnlyList<Router> Routers { get; init; }

    public required IReadOnlyList<Server> Servers { get; init; }

    public required IReadOnlyList<Port> Ports { get; init; }

    public required IReadOnlyList<FloatingIp> FloatingIps { get; init; }

    public required IReadOnlyList<SecurityGroup> Groups { get; init; }

    public required IReadOnlyList<KeyPair> Keys { get; init; }

    /// <summary>Empty if the order has no server group.</summary>
    public required IReadOnlyList<ServerGroup> ServerGroups { get; init; }

    /// <summary>Empty if the order has no availability zones.</summary>
    public required IReadOnlyList<AvailabilityZone> Zones { get; init; }

    public required ComputeLimits Limits { get; init; }

    public required IReadOnlyDictionary<string, NetworkQuota> Quotas { get; init; }

    /// <summary>The quota of volumes. Null if the order has no volumes or the cloud does not provide them.</summary>
    public required VolumeLimits? Volumes { get; init; }

    /// <summary>Reads everything at the same time.</summary>
    public static async Task<CloudSnapshot> ReadAsync(LabCloud labCloud, OpenStackOrder order, CancellationToken stop)
    {
        var cloud = labCloud.Cloud;
        var (images, flavors) = (cloud.ListAsync<Image>(stop), cloud.ListAsync<Flavor>(stop));
        var (networks, subnets, routers) = (cloud.ListAsync<Network>(stop), cloud.ListAsync<Subnet>(stop), cloud.ListAsync<Router>(stop));
        var (servers, ports) = (labCloud.Servers.ReadAsync(stop), labCloud.Ports.ReadAsync(stop));
        var (floatingIps, groups) = (labCloud.FloatingIps.ReadAsync(stop), labCloud.Groups.ReadAsync(stop));
        var keys = cloud.ListAsync<KeyPair>(stop);
        var serverGroups = order.ServerGroup is null ? Task.FromResult<IReadOnlyList<ServerGroup>>([]) : cloud.ListAsync<ServerGroup>(stop);
        var zones = order.Zones.Count == 0 ? Task.FromResult<IReadOnlyList<AvailabilityZone>>([]) : cloud.ListAsync<AvailabilityZone>(stop);
        var (limits, quotas) = (cloud.LimitsAsync(stop), cloud.NetworkQuotasAsync(stop));
        var volumes = order.BootVolume is null ? Task.FromResult<VolumeLimits?>(null) : cloud.VolumeLimitsAsync(stop);
        await Task.WhenAll(images, flavors, networks, subnets, routers, servers, ports, floatingIps, groups, keys,
            serverGroups, zones, limits, quotas, volumes);
        return new()
        {
            Name = cloud.Name, Images = await images, Flavors = await flavors, Networks = await networks, Subnets = await subnets, Routers = await routers,
            Servers = await servers, Ports = await ports, FloatingIps = await floatingIps, Groups = await groups, Keys = await keys,
            ServerGroups = await serverGroups, Zones = await zones, Limits = await limits, Quotas = await quotas, Volumes = await volumes,
        };
    }

    /// <summary>Selects one of several resources of a lab, or null. There can be two: a request of a killed process may complete after the next process
    /// has listed the resources, and two computers may create the same lab. The one in use is selected. Remove-KlVm removes all of them.</summary>
    public T? Used<T>(IEnumerable<T> resources, Func<T, Port, bool> isUsedBy)
        where T : class, ICloudResource =>
            resources.OrderByDescending(one => Ports.Count(port => isUsedBy(one, port))).ThenBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault();
}
