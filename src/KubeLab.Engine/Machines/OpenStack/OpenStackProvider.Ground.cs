using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    // A request for more may last longer than one is waited for.
    private const int PortsAtOnce = 25;

    private static readonly (string? Protocol, int? First, int? Last, bool Among, string Type)[] Wanted =
    [
        ("tcp", 22, 22, false, "IPv4"), ("tcp", 6443, 6443, false, "IPv4"), ("tcp", 30000, 32767, false, "IPv4"), ("udp", 30000, 32767, false, "IPv4"),
        ("icmp", null, null, false, "IPv4"), (null, null, null, true, "IPv4"), (null, null, null, true, "IPv6"),
    ];

    /// <summary>How many rules a lab's security group has: ours, and the two that Neutron makes for whatever leaves.</summary>
    internal static int Rules => Wanted.Length + 2;

    private readonly ConditionalWeakTable<OpenStackOrder, Task<PreparedOrder>> _grounds = [];
    private readonly Lock _turn = new();

    /// <summary>Prepared by the first machine of an order; the others get its result, or its failure.</summary>
    private Task<PreparedOrder> SharedGroundAsync(OpenStackMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        lock (_turn)
        {
            if (!_grounds.TryGetValue(spec.Order, out var ground))
                _grounds.Add(spec.Order, ground = Task.Run(() => GroundAsync(spec.Lab, spec.Order, events, stop), stop));
            // Its own end is waited for: what it is making when Ctrl+C comes is there when we return.
            return ground;
        }
    }

    private async Task<PreparedOrder> GroundAsync(string lab, OpenStackOrder order, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(lab, "looks at the cloud");
        var home = await HomeAsync(order.Cloud, order.Credential, stop);
        PrivateFile.MakeFolder(Folder(home.Cloud.Name));
        // Held while the cloud makes the networks of the lab.
        using var held = await PrivateFile.LockAsync(Path.Combine(Folder(home.Cloud.Name), $".{lab}.lock"), _clock, stop, patience: TimeSpan.FromMinutes(10));
        var plan = await Plan.MakeAsync(home, lab, order, stop);
        // From here on the cloud is one that we list: what is made next must be found again whatever happens.
        var publicKey = await home.Keys.PublicKeyAsync(lab, stop);
        // The group is made first and removed last, so that whatever else there is of a lab, there is its group.
        var group = plan.Group ?? await MakeAsync<SecurityGroup>(home, lab, "security group", new(), events, stop);
        await RulesAsync(home, group, stop);
        var key = KeyAsync(home, lab, order, plan, publicKey, events, stop);
        var servers = ServerGroupAsync(home, lab, order, plan, events, stop);
        var network = NetworkAsync(home, lab, order, plan, events, stop);
        await Task.WhenAll(key, servers, network);
        var (net, subnet) = await network;
        var ports = await PortsAsync(home, lab, order, plan, body: machine => PortBody(lab, machine, order, net, subnet, group.Id), stop);
        return new(home, plan.Image, plan.Flavor, net, subnet, group.Id, await key)
        {
            ExternalId = plan.ExternalId, ServerGroupId = await servers, PublicKey = publicKey,
            Servers = plan.Servers, Ports = [.. plan.Ports, .. ports], FloatingIps = plan.FloatingIps, Free = new(plan.Free),
        };
    }

    private static async Task<T> MakeAsync<T>(LabCloud home, string lab, string what, JsonObject body, IProgress<LabEvent> events, CancellationToken stop)
        where T : class, ICloudResource
    {
        (body["name"], body["description"]) = (CloudMarkers.Name(lab), CloudMarkers.OfLab(lab));
        var made = await home.Cloud.CreateAsync<T>(body, stop);
        events.Changed(lab, $"made the {what} {CloudMarkers.Name(lab)}");
        return made;
    }

    private static Task RulesAsync(LabCloud home, SecurityGroup group, CancellationToken stop)
    {
        var missing = Wanted.Where(rule => !group.SecurityGroupRules.Any(one => one.Direction == "ingress" && one.Ethertype == rule.Type && one.Protocol == rule.Protocol
            && one.PortRangeMin == rule.First && one.PortRangeMax == rule.Last && (one.RemoteGroupId == group.Id) == rule.Among)).Select(rule => new JsonObject
            {
                ["security_group_id"] = group.Id, ["direction"] = "ingress", ["ethertype"] = rule.Type, ["protocol"] = rule.Protocol,
                ["port_range_min"] = rule.First, ["port_range_max"] = rule.Last, ["remote_group_id"] = rule.Among ? group.Id : null,
            }).ToList();
        return missing.Count == 0 ? Task.CompletedTask : home.Cloud.CreateManyAsync<SecurityGroupRule>(missing, stop);
    }

    private static async Task<string> KeyAsync(LabCloud home, string lab, OpenStackOrder order, Plan plan, string publicKey, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (order.KeyName is { } own)
            return own;
        var name = CloudMarkers.Name(lab);
        if (plan.Key is { } there)
        {
            if (there.PublicKey?.Trim() == publicKey)
                return name;
            // Made by this user from another computer, or its folder was lost. Servers keep the keys that they were made with.
            await home.Cloud.DeleteAsync<KeyPair>(name, stop);
        }
        await home.Cloud.CreateAsync<KeyPair>(new() { ["name"] = name, ["public_key"] = publicKey }, stop);
        events.Changed(lab, $"made the key pair {name}");
        return name;
    }

    private static async Task<string?> ServerGroupAsync(LabCloud home, string lab, OpenStackOrder order, Plan plan, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (order.ServerGroup is null || plan.ServerGroup is not null)
            return plan.ServerGroup?.Id;
        var made = await home.Cloud.CreateAsync<ServerGroup>(new() { ["name"] = CloudMarkers.Name(lab), ["policy"] = order.ServerGroup }, stop);
        events.Changed(lab, $"made the server group {CloudMarkers.Name(lab)} ({order.ServerGroup})");
        return made.Id;
    }

    /// <summary>Makes the ports of all machines that have none, with one request for many.</summary>
    private static async Task<IReadOnlyList<Port>> PortsAsync(LabCloud home, string lab, OpenStackOrder order, Plan plan, Func<string, JsonObject> body, CancellationToken stop)
    {
        var missing = order.Machines.Where(machine => plan.ServerOf(lab, machine) is null && plan.PortOf(lab, machine) is null).ToList();
        try
        {
            return [.. (await Task.WhenAll(missing.Chunk(PortsAtOnce).Select(some => home.Cloud.CreateManyAsync<Port>([.. some.Select(body)], stop)))).SelectMany(ports => ports)];
        }
        // One cannot be made: then each machine makes its own, and says what is wrong with it.
        catch (KlException error) when (error.IsConflict())
        {
            return (await home.Ports.ReadAsync(stop)).Where(one => missing.Exists(machine => one.Description == CloudMarkers.OfMachine(lab, machine))).ToList();
        }
    }

    private static async Task<(string, Subnet?)> NetworkAsync(LabCloud home, string lab, OpenStackOrder order, Plan plan, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (plan.Given is { } given)
            return (given.Id, null);
        var (router, addresses) = (RouterAsync(), AddressesAsync());
        await Task.WhenAll(router, addresses);
        var (network, subnet) = await addresses;
        if (!plan.Ports.Any(port => port.DeviceOwner.StartsWith("network:", StringComparison.Ordinal) && port.DeviceId == plan.Router?.Id && port.FixedIps.Any(ip => ip.SubnetId == subnet.Id)))
            try
            {
                await home.Cloud.RouteAsync((await router).Id, "add_router_interface", new() { ["subnet_id"] = subnet.Id }, stop);
            }
            catch (KlException error) when (Plan.Overlapping(plan.Cidr, error) is { } overlapping)
            {
                throw overlapping;
            }
        return (network.Id, subnet);

        async Task<(Network, Subnet)> AddressesAsync()
        {
            var network = plan.Network ?? await MakeAsync<Network>(home, lab, "network", new(), events, stop);
            return (network, plan.Subnet ?? await MakeAsync<Subnet>(home, lab, "subnet",
                new() { ["network_id"] = network.Id, ["ip_version"] = 4, ["cidr"] = plan.Cidr }, events, stop));
        }

        async Task<Router> RouterAsync() => plan.Router ?? await MakeAsync<Router>(home, lab, "router",
            new() { ["external_gateway_info"] = new JsonObject { ["network_id"] = plan.ExternalId } }, events, stop);
    }
}
