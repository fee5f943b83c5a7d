using System.Globalization;
using System.Net;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Converts servers, ports and floating IPs to machines.</summary>
internal static class CloudMachine
{
    /// <summary>The state of a machine whose creation was interrupted. New-KlVm completes it; Remove-KlVm removes it.</summary>
    public const string Incomplete = "Incomplete";

    /// <summary>The metadata key of the image's name.</summary>
    public const string ImageKey = "org.kubelab.image";

    // A cloud image has booted and created its users within this time.
    private static readonly TimeSpan BootTime = TimeSpan.FromMinutes(10);

    /// <summary>All KubeLab machines, including incomplete ones.</summary>
    public static IEnumerable<Machine> All(
        LabCloud cloud, IReadOnlyList<Server> servers, IReadOnlyList<Port> ports, IReadOnlyList<FloatingIp> floatingIps, IReadOnlyList<SecurityGroup> groups)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var server in servers)
            if (CloudMarkers.Lab(server) is { } lab && seen.Add((lab, server.Name)))
                yield return Of(cloud, server, PortOf(server, ports), floatingIps);
        foreach (var port in ports)
            if (CloudMarkers.Read(port.Description) is (var lab, { } name) && seen.Add((lab, name)))
                yield return IncompleteMachine(cloud, lab, name, port.Id, Address(port, null));
        foreach (var group in groups)
            if (CloudMarkers.Read(group.Description) is (var lab, null) && !seen.Any(one => one.Item1 == lab))
                yield return IncompleteMachine(cloud, lab, LabName.Machine(lab, 1), group.Id, IPAddress.None);
    }

    /// <summary>Converts a server to a machine.</summary>
    public static Machine Of(LabCloud cloud, Server server, Port? port, IReadOnlyList<FloatingIp> floatingIps)
    {
        var address = Address(port, server);
        var outer = floatingIps.FirstOrDefault(one => port is not null && one.PortId == port.Id)?.FloatingIpAddress;
        var machine = IncompleteMachine(cloud, CloudMarkers.Lab(server)!, server.Name, server.Id, address, outer ?? address.ToString());
        return machine with
        {
            State = State(server.Status),
            PublicAddress = outer,
            Size = server.Flavor?.OriginalName ?? server.Flavor?.Id,
            Image = server.Metadata.GetValueOrDefault(ImageKey) ?? server.Image,
            Created = server.Created,
            // The first connection to a new machine waits until it has booted.
            Ssh = machine.Ssh with { BootsUntil = server.Created + BootTime },
        };
    }

    /// <summary>The port that a server was created with.</summary>
    public static Port? PortOf(Server server, IReadOnlyList<Port> ports) =>
        ports.Where(port => port.DeviceId == server.Id).MaxBy(port => CloudMarkers.Read(port.Description) is not null);

    private static Machine IncompleteMachine(LabCloud cloud, string lab, string name, string id, IPAddress address, string? host = null)
    {
        host ??= address.ToString();
        return new()
        {
            Name = name, Lab = lab, Provider = OpenStackProvider.ProviderName, Id = id, State = Incomplete, Address = $"{address}",
            Location = cloud.Cloud.Name,
            ApiEndpoint = new UriBuilder("https", host, 6443).Uri.Authority,
            Ssh = cloud.Keys.Endpoint(lab, name, host, 22) with { User = CloudInit.User },
        };
    }

    private static IPAddress Address(Port? port, Server? server) =>
        IPAddress.TryParse((port?.FixedIps is [var ip, ..] ? ip.IpAddress : null)
            ?? server?.Addresses.Values.SelectMany(all => all).FirstOrDefault(one => one.Type != "floating")?.Addr, out var address)
                ? address : IPAddress.None;

    private static string State(string status) => status switch
    {
        "ACTIVE" => "Running",
        "SHUTOFF" => "Stopped",
        "BUILD" or "" => "Building",
        _ => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(status.ToLowerInvariant().Replace('_', ' ')).Replace(" ", "", StringComparison.Ordinal),
    };
}
