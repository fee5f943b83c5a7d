using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

internal sealed partial record Plan
{
    private const long Gibibyte = 1 << 30;

    /// <summary>What is wrong with an order's addresses wherever it is given.</summary>
    private static void CheckAddresses(OpenStackOrder order)
    {
        var pods = Addresses(order.PodSubnet, "-PodSubnet");
        if (order.Subnet is null)
            return;
        var own = Addresses(order.Subnet, "-Subnet");
        if (order.Network is { } network)
            throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, order.Subnet, $"-Subnet is for a network of the lab's own, and -Network names {network}, which has its addresses.", "Leave one of the two out.");
        if (Overlap(own, pods))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.Subnet, $"The machines cannot have {own}: pods have {pods}.", "Choose another -Subnet, or give -PodSubnet.");
    }

    /// <summary>What is wrong with them in this cloud.</summary>
    private void CheckSubnet(OpenStackOrder order, IReadOnlyList<Subnet> subnets)
    {
        var pods = IPNetwork.Parse(order.PodSubnet);
        foreach (var one in subnets.Where(one => one.NetworkId == Given?.Id && IPNetwork.TryParse(one.Cidr, out var theirs) && Overlap(theirs, pods)))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.PodSubnet, $"Pods cannot have {pods}: the network {Given!.Name} has {one.Cidr}.", "Choose another -PodSubnet.");
        if (Given is not null)
            return;
        if (Subnet is { } there && there.Cidr != Cidr)
            throw new KlException(ErrorIds.SubnetDiffers, KlErrorKind.InvalidInput, Cidr, $"The lab has the network {there.Cidr} already, and {Cidr} is asked for.", "Leave -Subnet out, or remove the lab's machines first.");
        if (Overlap(IPNetwork.Parse(Cidr), pods))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, order.PodSubnet, $"Pods cannot have {pods}: the machines have {Cidr}.", "Choose another -PodSubnet, or give -Subnet.");
        foreach (var outer in subnets.Where(one => one.NetworkId == ExternalId && IPNetwork.TryParse(one.Cidr, out var theirs) && Overlap(theirs, IPNetwork.Parse(Cidr))))
            throw new KlException(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, Cidr, $"The machines cannot have {Cidr}: the external network has {outer.Cidr}.", "Choose another -Subnet.");
        var last = order.Machines.MaxBy(CloudMarkers.Number)!;
        if (OpenStackProvider.AddressIn(Cidr, CloudMarkers.Number(last)) is null)
            throw new KlException(ErrorIds.SubnetTooSmall, KlErrorKind.InvalidInput, Cidr, $"{Cidr} has no address for {last}.", "Give a larger -Subnet, such as 10.77.0.0/16.");
    }

    /// <summary>A subnet that overlaps one that this project is not shown: Neutron's answer when the router is connected.</summary>
    public static KlException? Overlapping(string cidr, KlException error) =>
        error.Answer() is { Code: 400 } said && said.Message.Contains("overlaps", StringComparison.OrdinalIgnoreCase)
            ? new(ErrorIds.SubnetOverlaps, KlErrorKind.InvalidInput, cidr, $"The machines cannot have {cidr}: {error.Message}", "Remove-KlVm what was made of the lab, then choose another -Subnet.", error.InnerException) : null;

    private void CheckNames(string lab, OpenStackOrder order, string cloud)
    {
        var taken = order.Machines.Where(machine => ServerOf(lab, machine) is null && Servers.Any(one => one.Name == machine)).ToList();
        if (taken.Count > 0)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, taken[0], $"{cloud} has servers that are no machines of the lab {lab}, and called like them: {string.Join(", ", taken)}. Nothing was made.",
                "Choose another -Name, or rename those servers.");
        if (order.KeyName is { } own && Key is null)
            throw new KlException(ErrorIds.KeyPairUnknown, KlErrorKind.NotFound, own, $"{cloud} has no key pair '{own}' of this user's.", "Leave -KeyName out: the lab has a key of its own.");
        // The lab's keys carry its name as their comment.
        if (order.KeyName is null && Key is { } key && key.PublicKey?.TrimEnd().EndsWith($" {key.Name}", StringComparison.Ordinal) != true)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, key.Name, $"There is a key pair '{key.Name}' that KubeLab did not make.", "Rename or remove it, or choose another -Name.");
    }

    private static void Fit(Image image, Flavor flavor, OpenStackOrder order)
    {
        if (image.Property("os_type") == "windows" || image.Property("os_distro") is "windows" or "cirros")
            throw new KlException(ErrorIds.ImageUnsuitable, KlErrorKind.InvalidInput, order.Image, $"The image {image.Name} is {image.Property("os_distro") ?? "windows"}: no login can be made in it, nor a node of it.",
                "Choose an image of Debian or Ubuntu with cloud-init.");
        // A flavor with no disk makes one as large as the image.
        var disk = order.BootVolume ?? flavor.Disk;
        var least = Math.Max(image.MinDisk, (int)((Math.Max(image.Size ?? 0, image.VirtualSize ?? 0) + Gibibyte - 1) / Gibibyte));
        var ram = flavor.Ram < image.MinRam;
        if (ram || (disk > 0 && disk < least))
            throw new KlException(ErrorIds.FlavorTooSmall, KlErrorKind.InvalidInput, flavor.Name, string.Create(CultureInfo.InvariantCulture,
                    $"The image {image.Name} needs {(ram ? $"{image.MinRam} MiB of RAM; the flavor {flavor.Name} has {flavor.Ram}" : $"a disk of {least} GiB; it would have {disk}")}."),
                ram ? "Choose a larger -Flavor." : order.BootVolume is null ? "Choose a larger -Flavor, or give -BootVolumeGB where the cloud has volumes." : "Give a larger -BootVolumeGB.");
    }

    private static Network External(IReadOnlyList<Network> networks, OpenStackOrder order, string cloud)
    {
        var all = networks.Where(one => one.IsExternal).ToList();
        if (order.ExternalNetwork is { } wanted)
            return Pick.One(all, wanted, "external network", one => one.Name);
        return all.Count switch
        {
            1 => all[0],
            0 => throw new KlException(ErrorIds.ExternalNetworkMissing, KlErrorKind.NotFound, cloud, $"{cloud} shows this project no external network.",
                "Use a network that leads out already (-Network), without -FloatingIp."),
            _ => throw new KlException(ErrorIds.ExternalNetworkAmbiguous, KlErrorKind.InvalidInput, cloud, $"{cloud} has several external networks: {string.Join(", ", all.Select(one => one.Name))}.",
                "Choose one with -ExternalNetwork."),
        };
    }

    private static IPNetwork Addresses(string text, string parameter) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && network.ToString() == text ? network
            : throw new KlException(ErrorIds.SubnetInvalid, KlErrorKind.InvalidInput, text, $"{parameter} '{text}' is not a valid IPv4 subnet.", "Give one such as 10.77.0.0/16: its first address, and the length of its prefix.");

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
