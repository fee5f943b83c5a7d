using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

internal sealed partial record Plan
{
    private const long Gibibyte = 1 << 30;

    /// <summary>Checks an order's subnets independently of the cloud.</summary>
    private static void CheckAddresses(OpenStackOrder order)
    {
        var pods = Addresses(order.PodSubnet, "-PodSubnet");
        if (order.Subnet is null)
            return;
        var own = Addresses(order.Subnet, "-Subnet");
        if (order.Network is { } network)
            throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, order.Subnet,
                $"-Subnet applies to the lab's own network, but -Network specifies {network}, which already has a subnet.", "Omit one of the two parameters.");
        if (Overlap(own, pods))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.Subnet,
                $"The subnet {own} overlaps the pod subnet {pods}.", "Choose another -Subnet, or specify -PodSubnet.");
    }

    /// <summary>Checks the subnets against those of the cloud.</summary>
    private void CheckSubnet(OpenStackOrder order, IReadOnlyList<Subnet> subnets)
    {
        var pods = IPNetwork.Parse(order.PodSubnet);
        foreach (var one in subnets.Where(one => one.NetworkId == ExistingNetwork?.Id && IPNetwork.TryParse(one.Cidr, out var other) && Overlap(other, pods)))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.PodSubnet,
                $"The pod subnet {pods} overlaps the subnet {one.Cidr} of the network {ExistingNetwork!.Name}.", "Choose another -PodSubnet.");
        if (ExistingNetwork is not null)
            return;
        if (Subnet is { } existing && existing.Cidr != Cidr)
            throw new KlException(ErrorIds.SubnetDiffers, KlErrorKind.InvalidInput, Cidr,
                $"The lab already has the subnet {existing.Cidr}, but {Cidr} was requested.", "Omit -Subnet, or remove the lab's machines first.");
        if (Overlap(IPNetwork.Parse(Cidr), pods))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.PodSubnet,
                $"The pod subnet {pods} overlaps the machines' subnet {Cidr}.", "Choose another -PodSubnet, or specify -Subnet.");
        foreach (var outer in subnets.Where(one => one.NetworkId == ExternalId && IPNetwork.TryParse(one.Cidr, out var other)
            && Overlap(other, IPNetwork.Parse(Cidr))))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, Cidr,
                $"The subnet {Cidr} overlaps the external network's subnet {outer.Cidr}.", "Choose another -Subnet.");
        var last = order.Machines.MaxBy(CloudMarkers.Number)!;
        if (OpenStackProvider.AddressIn(Cidr, CloudMarkers.Number(last)) is null)
            throw new KlException(ErrorIds.SubnetTooSmall, KlErrorKind.InvalidInput, Cidr, $"{Cidr} has no address for {last}.",
                "Specify a larger -Subnet, such as 10.77.0.0/16.");
    }

    /// <summary>The error for a subnet that overlaps one that the project cannot see. Neutron reports it when the router is connected.</summary>
    public static KlException? Overlapping(string cidr, KlException error) =>
        error.Answer() is { Code: 400 } answer && answer.Message.Contains("overlaps", StringComparison.OrdinalIgnoreCase)
            ? new(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, cidr, $"The subnet {cidr} cannot be used: {error.Message}",
                "Remove the lab, then choose another -Subnet.", error.InnerException) : null;

    private void CheckNames(string lab, OpenStackOrder order, string cloud)
    {
        var taken = order.Machines.Where(machine => ServerOf(lab, machine) is null && Servers.Any(one => one.Name == machine)).ToList();
        if (taken.Count > 0)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, taken[0],
                $"{cloud} already has servers with these names, which do not belong to the lab {lab}: {string.Join(", ", taken)}. Nothing was created.",
                "Choose another -Name, or rename those servers.");
        if (order.KeyName is { } own && Key is null)
            throw new KlException(ErrorIds.KeyPairNotFound, KlErrorKind.NotFound, own, $"This user has no key pair '{own}' in {cloud}.",
                "Omit -KeyName to use the lab's own key pair.");
        // The comment of a lab's key contains its name.
        if (order.KeyName is null && Key is { } key && key.PublicKey?.TrimEnd().EndsWith($" {key.Name}", StringComparison.Ordinal) != true)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, key.Name,
                $"The key pair '{key.Name}' already exists and was not created by KubeLab.", "Rename or delete it, or choose another -Name.");
    }

    private static void CheckImage(Image image, Flavor flavor, OpenStackOrder order)
    {
        if (image.Property("os_type") == "windows" || image.Property("os_distro") is "windows" or "cirros")
            throw new KlException(ErrorIds.ImageUnsuitable, KlErrorKind.InvalidInput, order.Image,
                $"The image {image.Name} is {image.Property("os_distro") ?? "windows"}, which cannot run a Kubernetes node.",
                "Choose an image of Debian or Ubuntu with cloud-init.");
        // A flavor without a disk creates one of the image's size.
        var disk = order.BootVolume ?? flavor.Disk;
        var required = Math.Max(image.MinDisk, (int)((Math.Max(image.Size ?? 0, image.VirtualSize ?? 0) + Gibibyte - 1) / Gibibyte));
        var ram = flavor.Ram < image.MinRam;
        if (ram || (disk > 0 && disk < required))
            throw new KlException(ErrorIds.FlavorTooSmall, KlErrorKind.InvalidInput, flavor.Name, string.Create(CultureInfo.InvariantCulture,
                    $"The image {image.Name} needs {(ram ? $"{image.MinRam} MiB of RAM, but the flavor {flavor.Name} has {flavor.Ram} MiB"
                    : $"a disk of {required} GiB, but the disk has {disk} GiB")}."),
                ram ? "Choose a larger -Flavor." : order.BootVolume is null ? "Choose a larger -Flavor, or specify -BootVolumeGB if the cloud has volumes."
                : "Specify a larger -BootVolumeGB.");
    }

    private static Network External(IReadOnlyList<Network> networks, OpenStackOrder order, string cloud)
    {
        var all = networks.Where(one => one.IsExternal).ToList();
        if (order.ExternalNetwork is { } wanted)
            return ResourceLookup.One(all, wanted, ResourceLookup.ExternalNetwork, one => one.Name);
        return all.Count switch
        {
            1 => all[0],
            0 => throw new KlException(ErrorIds.ExternalNetworkNotFound, KlErrorKind.NotFound, cloud,
                $"This project cannot see an external network in {cloud}.",
                "Use an existing network with external access (-Network), without -FloatingIp."),
            _ => throw new KlException(ErrorIds.ExternalNetworkAmbiguous, KlErrorKind.InvalidInput, cloud,
                $"{cloud} has several external networks: {string.Join(", ", all.Select(one => one.Name))}.",
                "Choose one with -ExternalNetwork."),
        };
    }

    private static IPNetwork Addresses(string text, string parameter) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && network.ToString() == text ? network
            : throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, text, $"{parameter} '{text}' is not a valid IPv4 subnet.",
                "Specify the first address and the prefix length, for example 10.77.0.0/16.");

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
