using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What an order means in a cloud, and what is there of it already. Making one changes nothing.</summary>
internal sealed partial record Plan(Image Image, Flavor Flavor)
{
    /// <summary>The network that the user named.</summary>
    public Network? Given { get; init; }

    /// <summary>The network that leads out.</summary>
    public string? ExternalId { get; init; }

    public Network? Network { get; init; }

    public Subnet? Subnet { get; init; }

    /// <summary>The addresses of the lab's own network, as in 10.77.0.0/16.</summary>
    public required string Cidr { get; init; }

    public Router? Router { get; init; }

    public SecurityGroup? Group { get; init; }

    public KeyPair? Key { get; init; }

    public ServerGroup? ServerGroup { get; init; }

    public IReadOnlyList<Server> Servers { get; init; } = [];

    public IReadOnlyList<Port> Ports { get; init; } = [];

    public IReadOnlyList<FloatingIp> FloatingIps { get; init; } = [];

    public IReadOnlyList<FloatingIp> Free { get; init; } = [];

    /// <summary>Looks and judges.</summary>
    /// <exception cref="KlException">ImageUnknown, ImageAmbiguous, ImageUnsuitable, FlavorUnknown, FlavorTooSmall, VolumesMissing, ZoneUnknown, NetworkUnknown, ExternalNetworkMissing,
    /// ExternalNetworkAmbiguous, SubnetInvalid, SubnetOverlaps, SubnetTooSmall, SubnetDiffers, KeyPairUnknown, NameTaken, QuotaShort, ...</exception>
    public static async Task<Plan> MakeAsync(LabCloud home, string lab, OpenStackOrder order, CancellationToken stop)
    {
        CheckAddresses(order);
        var cloud = home.Cloud;
        var (images, flavors) = (cloud.ListAsync<Image>(stop), cloud.ListAsync<Flavor>(stop));
        var (networks, subnets, routers) = (cloud.ListAsync<Network>(stop), cloud.ListAsync<Subnet>(stop), cloud.ListAsync<Router>(stop));
        var (servers, ports) = (home.Servers.ReadAsync(stop), home.Ports.ReadAsync(stop));
        var (floatingIps, groups) = (home.FloatingIps.ReadAsync(stop), home.Groups.ReadAsync(stop));
        var keys = cloud.ListAsync<KeyPair>(stop);
        var serverGroups = order.ServerGroup is null ? Task.FromResult<IReadOnlyList<ServerGroup>>([]) : cloud.ListAsync<ServerGroup>(stop);
        var zones = order.Zones.Count == 0 ? Task.FromResult<IReadOnlyList<AvailabilityZone>>([]) : cloud.ListAsync<AvailabilityZone>(stop);
        var (limits, quotas) = (cloud.LimitsAsync(stop), cloud.NetworkQuotasAsync(stop));
        var volumes = order.BootVolume is null ? Task.FromResult<VolumeLimits?>(null) : cloud.VolumeLimitsAsync(stop);
        await Task.WhenAll(images, flavors, networks, subnets, routers, servers, ports, floatingIps, groups, keys, serverGroups, zones, limits, quotas, volumes);

        var image = Pick.One([.. (await images).Where(one => one.Status == "active")], order.Image, "image", one => one.Name);
        var flavor = Pick.One(await flavors, order.Flavor, "flavor", one => one.Name);
        var given = order.Network is { } named ? Pick.One(await networks, named, "network", one => one.Name) : null;
        var name = CloudMarkers.Name(lab);
        var network = Used((await networks).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) => port.NetworkId == one.Id);
        var external = given is null || order.FloatingIp ? External(await networks, order, cloud.Name) : null;
        var subnet = network is null ? null : (await subnets).Where(one => one.NetworkId == network.Id).MinBy(one => one.Id, StringComparer.Ordinal);
        var plan = new Plan(image, flavor)
        {
            Given = given, ExternalId = external?.Id, Network = network, Subnet = subnet, Cidr = order.Subnet ?? subnet?.Cidr ?? OpenStackOrder.UsualSubnet,
            Key = (await keys).FirstOrDefault(one => one.Name == (order.KeyName ?? name)),
            Router = Used((await routers).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) => port.DeviceId == one.Id && port.NetworkId == network?.Id),
            Group = Used((await groups).Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) => port.SecurityGroups.Contains(one.Id)),
            ServerGroup = (await serverGroups).FirstOrDefault(one => one.Name == name),
            Servers = await servers, Ports = await ports, FloatingIps = await floatingIps,
            // What belongs to a lab stays with it; what you made yourself and do not use is used first.
            Free = [.. (await floatingIps).Where(one => one.PortId is null && one.FloatingNetworkId == external?.Id && CloudMarkers.Read(one.Description) is null)],
        };
        Fit(image, flavor, order);
        if (order.BootVolume is not null && await volumes is null)
            throw new KlException(ErrorIds.VolumesMissing, KlErrorKind.NotFound, cloud.Name, $"{cloud.Name} has no volumes (Cinder) to boot from.", "Leave -BootVolumeGB out, and choose a -Flavor whose disk is large enough.");
        foreach (var zone in order.Zones)
            Pick.One([.. (await zones).Where(one => one.ZoneState.Available)], zone, "zone", one => one.ZoneName);
        plan.CheckNames(lab, order, cloud.Name);
        plan.CheckSubnet(order, await subnets);
        plan.Need(lab, order).Check(cloud.Name, await limits, await quotas, await volumes);
        return plan;

        // There can be two: what a killed process had asked for may be made after the next one has looked, and two computers may make one lab. The one in use is meant; Remove-KlVm takes all.
        T? Used<T>(IEnumerable<T> ours, Func<T, Port, bool> isAt)
            where T : class, ICloudResource => ours.OrderByDescending(one => ports.Result.Count(port => isAt(one, port))).ThenBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>The machine's port, made for it and for nothing else.</summary>
    public Port? PortOf(string lab, string machine) => Ports.FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(lab, machine));

    /// <summary>The machine's server.</summary>
    public Server? ServerOf(string lab, string machine) => Servers.Where(one => one.Name == machine && CloudMarkers.Lab(one) == lab).MinBy(one => one.Created);

    /// <summary>What must be made.</summary>
    private Quota Need(string lab, OpenStackOrder order)
    {
        var servers = order.Machines.Where(machine => ServerOf(lab, machine) is null).ToList();
        var addresses = !order.FloatingIp ? 0 : order.Machines.Count(machine =>
            !FloatingIps.Any(one => one.Description == CloudMarkers.OfMachine(lab, machine)
                || (one.PortId is { } port && Ports.Any(two => two.Id == port && two.Description == CloudMarkers.OfMachine(lab, machine)))));
        var own = Given is null;
        return new(servers.Count, Flavor)
        {
            // The router's counts as well.
            Ports = servers.Count(machine => PortOf(lab, machine) is null) + (own && Network is null ? 1 : 0),
            FloatingIps = Math.Max(0, addresses - Free.Count), Networks = own && Network is null ? 1 : 0, Routers = own && Router is null ? 1 : 0,
            Groups = Group is null ? 1 : 0, Rules = Group is null ? OpenStackProvider.Rules : 0,
            ServerGroups = order.ServerGroup is not null && ServerGroup is null ? 1 : 0, Volume = order.BootVolume,
        };
    }
}
