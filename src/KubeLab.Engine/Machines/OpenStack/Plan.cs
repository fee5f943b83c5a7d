using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The resources of an order in a cloud, and the existing ones. Creating a plan changes nothing.</summary>
internal sealed partial record Plan(Image Image, Flavor Flavor)
{
    /// <summary>The network specified by the user.</summary>
    public Network? ExistingNetwork { get; init; }

    /// <summary>The ID of the external network.</summary>
    public string? ExternalId { get; init; }

    public Network? Network { get; init; }

    public Subnet? Subnet { get; init; }

    /// <summary>The subnet of the lab's own network, for example 10.77.0.0/16.</summary>
    public required string Cidr { get; init; }

    public Router? Router { get; init; }

    public SecurityGroup? Group { get; init; }

    public KeyPair? Key { get; init; }

    public ServerGroup? ServerGroup { get; init; }

    public IReadOnlyList<Server> Servers { get; init; } = [];

    public IReadOnlyList<Port> Ports { get; init; } = [];

    public IReadOnlyList<FloatingIp> FloatingIps { get; init; } = [];

    public IReadOnlyList<FloatingIp> FreeFloatingIps { get; init; } = [];

    /// <summary>Reads the cloud's resources and checks the order.</summary>
    /// <exception cref="KlException">ImageNotFound, ImageAmbiguous, ImageUnsuitable, FlavorNotFound, FlavorTooSmall, CloudServiceNotFound, ZoneNotFound,
    /// NetworkNotFound, ExternalNetworkNotFound, ExternalNetworkAmbiguous, SubnetInvalid, SubnetOverlaps, SubnetTooSmall, SubnetDiffers, KeyPairNotFound,
    /// NameTaken, QuotaShort, ...</exception>
    public static async Task<Plan> CreateAsync(LabCloud labCloud, string lab, OpenStackOrder order, CancellationToken stop)
    {
        CheckAddresses(order);
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

        var image = ResourceLookup.One([.. (await images).Where(one => one.Status == "active")], order.Image, ResourceLookup.Image, one => one.Name);
        var flavor = ResourceLookup.One(await flavors, order.Flavor, ResourceLookup.Flavor, one => one.Name);
        var given = order.Network is { } named ? ResourceLookup.One(await networks, named, ResourceLookup.Network, one => one.Name) : null;
        var name = CloudMarkers.Name(lab);
        var network = Used((await networks).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
            port.NetworkId == one.Id);
        var external = given is null || order.FloatingIp ? External(await networks, order, cloud.Name) : null;
        var subnet = network is null ? null : (await subnets).Where(one => one.NetworkId == network.Id).MinBy(one => one.Id, StringComparer.Ordinal);
        var plan = new Plan(image, flavor)
        {
            ExistingNetwork = given, ExternalId = external?.Id, Network = network, Subnet = subnet,
            Cidr = order.Subnet ?? subnet?.Cidr ?? OpenStackOrder.DefaultSubnet,
            Key = (await keys).FirstOrDefault(one => one.Name == (order.KeyName ?? name)),
            Router = Used((await routers).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
                port.DeviceId == one.Id && port.NetworkId == network?.Id),
            Group = Used((await groups).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
                port.SecurityGroups.Contains(one.Id)),
            ServerGroup = (await serverGroups).FirstOrDefault(one => one.Name == name),
            Servers = await servers, Ports = await ports, FloatingIps = await floatingIps,
            // Resources of a lab are reserved for it. The user's own unassociated floating IPs are used first.
            FreeFloatingIps = [.. (await floatingIps).Where(one => one.PortId is null && one.FloatingNetworkId == external?.Id
                && CloudMarkers.Read(one.Description) is null)],
        };
        CheckImage(image, flavor, order);
        if (order.BootVolume is not null && await volumes is null)
            throw new KlException(ErrorIds.CloudServiceNotFound, KlErrorKind.NotFound, cloud.Name, $"{cloud.Name} has no volumes (Cinder) to boot from.",
                "Omit -BootVolumeGB, and choose a -Flavor whose disk is large enough.");
        foreach (var zone in order.Zones)
            ResourceLookup.One([.. (await zones).Where(one => one.ZoneState.Available)], zone, ResourceLookup.Zone, one => one.ZoneName);
        plan.CheckNames(lab, order, cloud.Name);
        plan.CheckSubnet(order, await subnets);
        plan.RequiredQuota(lab, order).Check(cloud.Name, await limits, await quotas, await volumes);
        return plan;

        // There can be two: a request of a killed process may complete after the next process has listed the resources, and two computers may create the
        // same lab. The one in use is selected. Remove-KlVm removes all of them.
        T? Used<T>(IEnumerable<T> resources, Func<T, Port, bool> isUsedBy)
            where T : class, ICloudResource =>
                resources.OrderByDescending(one => ports.Result.Count(port => isUsedBy(one, port)))
                    .ThenBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>The machine's own port.</summary>
    public Port? PortOf(string lab, string machine) => Ports.FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(lab, machine));

    /// <summary>The machine's server.</summary>
    public Server? ServerOf(string lab, string machine) => Servers.Where(one => one.Name == machine && CloudMarkers.Lab(one) == lab).MinBy(one => one.Created);

    /// <summary>The resources to create.</summary>
    private Quota RequiredQuota(string lab, OpenStackOrder order)
    {
        var servers = order.Machines.Where(machine => ServerOf(lab, machine) is null).ToList();
        var addresses = !order.FloatingIp ? 0 : order.Machines.Count(machine =>
            !FloatingIps.Any(one => one.Description == CloudMarkers.OfMachine(lab, machine)
                || (one.PortId is { } port && Ports.Any(two => two.Id == port && two.Description == CloudMarkers.OfMachine(lab, machine)))));
        var own = ExistingNetwork is null;
        return new(servers.Count, Flavor)
        {
            // Including the router's port.
            Ports = servers.Count(machine => PortOf(lab, machine) is null) + (own && Network is null ? 1 : 0),
            FloatingIps = Math.Max(0, addresses - FreeFloatingIps.Count), Networks = own && Network is null ? 1 : 0, Routers = own && Router is null ? 1 : 0,
            Groups = Group is null ? 1 : 0, Rules = Group is null ? OpenStackProvider.Rules : 0,
            ServerGroups = order.ServerGroup is not null && ServerGroup is null ? 1 : 0, Volume = order.BootVolume,
        };
    }
}
