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
    /// <exception cref="KlException">The errors of <see cref="Of"/> and those of the client.</exception>
    public static async Task<Plan> CreateAsync(LabCloud labCloud, string lab, OpenStackOrder order, CancellationToken stop)
    {
        CheckAddresses(order);
        return Of(await CloudSnapshot.ReadAsync(labCloud, order, stop), lab, order);
    }

    /// <summary>Checks the order.</summary>
    /// <exception cref="KlException">ImageNotFound, ImageAmbiguous, ImageUnsuitable, FlavorNotFound, FlavorTooSmall, CloudServiceNotFound, ZoneNotFound,
    /// NetworkNotFound, ExternalNetworkNotFound, ExternalNetworkAmbiguous, SubnetInvalid, SubnetOverlaps, SubnetTooSmall, SubnetDiffers, KeyPairNotFound,
    /// NameTaken, QuotaShort, ...</exception>
    internal static Plan Of(CloudSnapshot cloud, string lab, OpenStackOrder order)
    {
        var image = ResourceLookup.One([.. cloud.Images.Where(one => one.Status == "active")], order.Image, ResourceLookup.Image, one => one.Name);
        var flavor = ResourceLookup.One(cloud.Flavors, order.Flavor, ResourceLookup.Flavor, one => one.Name);
        var name = CloudMarkers.Name(lab);
        var given = order.Network is { } named ? ResourceLookup.One(cloud.Networks, named, ResourceLookup.Network, one => one.Name) : null;
        var external = given is null || order.FloatingIp ? External(cloud.Networks, order, cloud.Name) : null;
        var network = cloud.Used(cloud.Networks.Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
            port.NetworkId == one.Id);
        var subnet = network is null ? null : cloud.Subnets.Where(one => one.NetworkId == network.Id).MinBy(one => one.Id, StringComparer.Ordinal);
        var plan = new Plan(image, flavor)
        {
            ExistingNetwork = given, ExternalId = external?.Id, Network = network, Subnet = subnet,
            Cidr = order.Subnet ?? subnet?.Cidr ?? OpenStackOrder.DefaultSubnet,
            Key = cloud.Keys.FirstOrDefault(one => one.Name == (order.KeyName ?? name)),
            Router = cloud.Used(cloud.Routers.Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
                port.DeviceId == one.Id && port.NetworkId == network?.Id),
            Group = cloud.Used(cloud.Groups.Where(one => one.Description == CloudMarkers.OfLab(lab) && one.Name == name), (one, port) =>
                port.SecurityGroups.Contains(one.Id)),
            ServerGroup = cloud.ServerGroups.FirstOrDefault(one => one.Name == name),
            Servers = cloud.Servers, Ports = cloud.Ports, FloatingIps = cloud.FloatingIps,
            // Resources of a lab are reserved for it. The user's own unassociated floating IPs are used first.
            FreeFloatingIps = [.. cloud.FloatingIps.Where(one => one.PortId is null && one.FloatingNetworkId == external?.Id
                && CloudMarkers.Read(one.Description) is null)],
        };
        CheckImage(image, flavor, order);
        if (order.BootVolume is not null && cloud.Volumes is null)
            throw new KlException(ErrorIds.CloudServiceNotFound, KlErrorKind.NotFound, cloud.Name, $"{cloud.Name} has no volumes (Cinder) to boot from.",
                "Omit -BootVolumeGB, and choose a -Flavor whose disk is large enough.");
        foreach (var zone in order.Zones)
            ResourceLookup.One([.. cloud.Zones.Where(one => one.ZoneState.Available)], zone, ResourceLookup.Zone, one => one.ZoneName);
        plan.CheckNames(lab, order, cloud.Name);
        plan.CheckSubnet(order, cloud.Subnets);
        plan.RequiredQuota(lab, order).Check(cloud.Name, cloud.Limits, cloud.Quotas, cloud.Volumes);
        return plan;
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
