using System.Globalization;
using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What an order means in a cloud, and what is there of it already. Making one changes nothing.</summary>
internal sealed record Plan(Image Image, Flavor Flavor)
{
    /// <summary>The network that the user named.</summary>
    public Network? Given { get; init; }

    /// <summary>The network that leads out.</summary>
    public string? ExternalId { get; init; }

    public Network? Network { get; init; }

    public Subnet? Subnet { get; init; }

    public Router? Router { get; init; }

    public SecurityGroup? Group { get; init; }

    public KeyPair? Key { get; init; }

    public ServerGroup? ServerGroup { get; init; }

    public IReadOnlyList<Server> Servers { get; init; } = [];

    public IReadOnlyList<Port> Ports { get; init; } = [];

    public IReadOnlyList<FloatingIp> FloatingIps { get; init; } = [];

    public IReadOnlyList<FloatingIp> Free { get; init; } = [];

    /// <summary>Looks and judges.</summary>
    /// <exception cref="KlException">ImageUnknown, ImageAmbiguous, FlavorUnknown, FlavorTooSmall, NetworkUnknown, ExternalNetworkMissing, ExternalNetworkAmbiguous, SubnetInvalid, NameTaken, QuotaShort, ...</exception>
    public static async Task<Plan> MakeAsync(LabCloud home, string lab, OpenStackOrder order, CancellationToken stop)
    {
        if (!IPNetwork.TryParse(order.Subnet, out _) || !IPNetwork.TryParse(order.PodSubnet, out _))
            throw new KlException("SubnetInvalid", KlErrorKind.InvalidInput, order.Subnet, $"'{order.Subnet}' or '{order.PodSubnet}' is no subnet.", "Give one such as 10.77.0.0/16.");
        var cloud = home.Cloud;
        var (images, flavors) = (cloud.ListAsync<Image>(stop), cloud.ListAsync<Flavor>(stop));
        var (networks, subnets, routers) = (cloud.ListAsync<Network>(stop), cloud.ListAsync<Subnet>(stop), cloud.ListAsync<Router>(stop));
        var (servers, ports) = (home.Servers.ReadAsync(stop), home.Ports.ReadAsync(stop));
        var (floatingIps, groups) = (home.FloatingIps.ReadAsync(stop), home.Groups.ReadAsync(stop));
        var keys = cloud.ListAsync<KeyPair>(stop);
        var serverGroups = order.ServerGroup is null ? Task.FromResult<IReadOnlyList<ServerGroup>>([]) : cloud.ListAsync<ServerGroup>(stop);
        var (limits, quotas) = (cloud.LimitsAsync(stop), cloud.NetworkQuotasAsync(stop));
        await Task.WhenAll(images, flavors, networks, subnets, routers, servers, ports, floatingIps, groups, keys, serverGroups, limits, quotas);

        var image = Pick.One([.. (await images).Where(one => one.Status == "active")], order.Image, "image", one => one.Name);
        var flavor = Pick.One(await flavors, order.Flavor, "flavor", one => one.Name);
        Fit(image, flavor, order);
        var given = order.Network is { } named ? Pick.One(await networks, named, "network", one => one.Name) : null;
        var name = Ours.Name(lab);
        var network = Used((await networks).Where(one => one.Description == Ours.OfLab(lab) && one.Name == name), (one, port) => port.NetworkId == one.Id);
        var external = given is null || order.FloatingIp ? External(await networks, order, cloud.Name) : null;
        var key = (await keys).FirstOrDefault(one => one.Name == (order.KeyName ?? name));
        // The lab's keys carry its name as their comment.
        if (order.KeyName is { } own ? key is null : key is not null && key.PublicKey?.TrimEnd().EndsWith($" {name}", StringComparison.Ordinal) != true)
            throw order.KeyName is { } missing
                ? new KlException("KeyPairUnknown", KlErrorKind.NotFound, missing, $"{cloud.Name} has no key pair '{missing}'.", "Leave -KeyName out: the lab has a key of its own.")
                : new KlException("NameTaken", KlErrorKind.Exists, name, $"There is a key pair '{name}' that KubeLab did not make.", "Rename or remove it, or choose another -Name.");
        var plan = new Plan(image, flavor)
        {
            Given = given, ExternalId = external?.Id, Network = network, Key = key,
            Subnet = network is null ? null : (await subnets).Where(one => one.NetworkId == network.Id).MinBy(one => one.Id, StringComparer.Ordinal),
            Router = Used((await routers).Where(one => one.Description == Ours.OfLab(lab) && one.Name == name), (one, port) => port.DeviceId == one.Id && port.NetworkId == network?.Id),
            Group = Used((await groups).Where(one => one.Description == Ours.OfLab(lab) && one.Name == name), (one, port) => port.SecurityGroups.Contains(one.Id)),
            ServerGroup = (await serverGroups).FirstOrDefault(one => one.Name == name),
            Servers = await servers, Ports = await ports, FloatingIps = await floatingIps,
            // What belongs to a lab stays with it; what you made yourself and do not use is used first.
            Free = [.. (await floatingIps).Where(one => one.PortId is null && one.FloatingNetworkId == external?.Id && Ours.Read(one.Description) is null)],
        };
        plan.Need(lab, order).Check(cloud.Name, await limits, await quotas);
        return plan;

        // There can be two: what a killed process had asked for may be made after the next one has looked, and two computers may make one lab. The one in use is meant; Remove-KlVm takes all.
        T? Used<T>(IEnumerable<T> ours, Func<T, Port, bool> isAt)
            where T : class, ICloudResource => ours.OrderByDescending(one => ports.Result.Count(port => isAt(one, port))).ThenBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>What must be made.</summary>
    private Quota Need(string lab, OpenStackOrder order)
    {
        var ports = order.Machines.Count(machine => !Ports.Any(one => one.Description == Ours.OfMachine(lab, machine)));
        var addresses = !order.FloatingIp ? 0 : order.Machines.Count(machine =>
            !FloatingIps.Any(one => one.Description == Ours.OfMachine(lab, machine)
                || (one.PortId is { } port && Ports.Any(two => two.Id == port && two.Description == Ours.OfMachine(lab, machine)))));
        return new(order.Machines.Count(machine => !Servers.Any(one => one.Name == machine)), Flavor, ports, Math.Max(0, addresses - Free.Count),
            Given is null && Network is null ? 1 : 0, Group is null ? 1 : 0);
    }

    private static void Fit(Image image, Flavor flavor, OpenStackOrder order)
    {
        // A flavor with no disk makes one as large as the image.
        var disk = order.BootVolume ?? flavor.Disk;
        var little = flavor.Ram < image.MinRam ? string.Create(CultureInfo.InvariantCulture, $"{image.MinRam} MiB of RAM; the flavor has {flavor.Ram}")
            : disk > 0 && disk < image.MinDisk ? string.Create(CultureInfo.InvariantCulture, $"a disk of {image.MinDisk} GiB; it would have {disk}") : null;
        if (little is not null)
            throw new KlException("FlavorTooSmall", KlErrorKind.InvalidInput, flavor.Name, $"The image {image.Name} needs {little}.", "Choose a larger -Flavor, or give -BootVolumeGB.");
    }

    private static Network External(IReadOnlyList<Network> networks, OpenStackOrder order, string cloud)
    {
        var all = networks.Where(one => one.IsExternal).ToList();
        if (order.ExternalNetwork is { } wanted)
            return Pick.One(all, wanted, "external network", one => one.Name);
        return all.Count switch
        {
            1 => all[0],
            0 => throw new KlException("ExternalNetworkMissing", KlErrorKind.NotFound, cloud, $"{cloud} shows this project no external network.",
                "Use a network that leads out already (-Network), without -FloatingIp."),
            _ => throw new KlException("ExternalNetworkAmbiguous", KlErrorKind.InvalidInput, cloud, $"{cloud} has several external networks: {string.Join(", ", all.Select(one => one.Name))}.",
                "Choose one with -ExternalNetwork."),
        };
    }
}
