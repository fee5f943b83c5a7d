using System.Globalization;
using System.Net;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Machines as servers, ports and floating IPs show them.</summary>
internal static class CloudMachine
{
    /// <summary>The state of what a stopped run left behind: New-KlVm completes it, Remove-KlVm takes it away.</summary>
    public const string Incomplete = "Incomplete";

    /// <summary>The metadata that holds the image's name.</summary>
    public const string ImageKey = "org.kubelab.image";

    // A cloud image is up and has made its logins by then, or never will.
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(10);

    /// <summary>Every machine of ours, and those that are only begun.</summary>
    public static IEnumerable<Machine> All(
        LabCloud cloud, IReadOnlyList<Server> servers, IReadOnlyList<Port> ports, IReadOnlyList<FloatingIp> floatingIps, IReadOnlyList<SecurityGroup> groups)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var server in servers)
            if (CloudMarkers.Lab(server) is { } lab && seen.Add((lab, server.Name)))
                yield return Of(cloud, server, PortOf(server, ports), floatingIps);
        foreach (var port in ports)
            if (CloudMarkers.Read(port.Description) is (var lab, { } name) && seen.Add((lab, name)))
                yield return Begun(cloud, lab, name, port.Id, Address(port, null));
        foreach (var group in groups)
            if (CloudMarkers.Read(group.Description) is (var lab, null) && !seen.Any(one => one.Item1 == lab))
                yield return Begun(cloud, lab, LabName.Machine(lab, 1), group.Id, IPAddress.None);
    }

    /// <summary>The machine that a server is.</summary>
    public static Machine Of(LabCloud cloud, Server server, Port? port, IReadOnlyList<FloatingIp> floatingIps)
    {
        var address = Address(port, server);
        var outer = floatingIps.FirstOrDefault(one => port is not null && one.PortId == port.Id)?.FloatingIpAddress;
        var machine = Begun(cloud, CloudMarkers.Lab(server)!, server.Name, server.Id, address, outer ?? address.ToString());
        return machine with
        {
            State = State(server.Status),
            PublicAddress = outer is null ? null : IPAddress.Parse(outer),
            Flavor = server.Flavor?.OriginalName ?? server.Flavor?.Id,
            Image = server.Metadata.GetValueOrDefault(ImageKey) ?? server.Image,
            Created = server.Created,
            // The first connection to a young machine waits for it.
            Ssh = machine.Ssh with { BootsUntil = server.Created + Boot },
        };
    }

    /// <summary>The port that a server was made with.</summary>
    public static Port? PortOf(Server server, IReadOnlyList<Port> ports) =>
        ports.Where(port => port.DeviceId == server.Id).MaxBy(port => CloudMarkers.Read(port.Description) is not null);

    private static Machine Begun(LabCloud cloud, string lab, string name, string id, IPAddress address, string? host = null)
    {
        host ??= address.ToString();
        return new()
        {
            Name = name, Lab = lab, Provider = OpenStackProvider.ProviderName, Id = id, State = Incomplete, Address = address,
            Cloud = cloud.Cloud.Name,
            ApiEndpoint = new UriBuilder("https", host, 6443).Uri.Authority,
            Ssh = cloud.Keys.Endpoint(lab, name, host, 22) with { User = CloudInit.User },
        };
    }

    private static IPAddress Address(Port? port, Server? server) =>
        IPAddress.TryParse((port?.FixedIps is [var ip, ..] ? ip.IpAddress : null)
            ?? server?.Addresses.Values.SelectMany(all => all).FirstOrDefault(one => one.Type != "floating")?.Addr, out var address) ? address : IPAddress.None;

    private static string State(string status) => status switch
    {
        "ACTIVE" => "Running",
        "SHUTOFF" => "Stopped",
        "BUILD" or "" => "Building",
        _ => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(status.ToLowerInvariant().Replace('_', ' ')).Replace(" ", "", StringComparison.Ordinal),
    };
}
