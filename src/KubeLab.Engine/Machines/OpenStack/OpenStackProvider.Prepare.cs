using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    // A request for more ports may exceed the timeout.
    private const int PortsPerRequest = 25;

    private static readonly (string? Protocol, int? First, int? Last, bool FromGroup, string Type)[] Wanted =
    [
        ("tcp", 22, 22, false, "IPv4"), ("tcp", 6443, 6443, false, "IPv4"), ("tcp", 30000, 32767, false, "IPv4"), ("udp", 30000, 32767, false, "IPv4"),
        ("icmp", null, null, false, "IPv4"), (null, null, null, true, "IPv4"), (null, null, null, true, "IPv6"),
    ];

    /// <summary>The number of rules in a lab's security group, including Neutron's two default rules for egress.</summary>
    internal static int Rules => Wanted.Length + 2;

    private readonly ConditionalWeakTable<OpenStackOrder, Task<PreparedOrder>> _prepared = [];
    private readonly Lock _lock = new();

    /// <summary>Prepared by the first machine of an order. The others get its result, or its error.</summary>
    private Task<PreparedOrder> SharedPrepareAsync(OpenStackMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        lock (_lock)
        {
            if (!_prepared.TryGetValue(spec.Order, out var prepared))
                _prepared.Add(spec.Order, prepared = Task.Run(() => PrepareAsync(spec.Lab, spec.Order, events, stop), stop));
            // Its cancellation is awaited, so that everything it has created exists when this method returns.
            return prepared;
        }
    }

    private async Task<PreparedOrder> PrepareAsync(string lab, OpenStackOrder order, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(lab, "Inspecting the cloud");
        var labCloud = await CloudAsync(order.Cloud, order.Credential, stop);
        PrivateFile.CreateFolder(Folder(labCloud.Cloud.Name));
        // Held while the lab's networks are created.
        using var held = await PrivateFile.LockAsync(Path.Combine(Folder(labCloud.Cloud.Name), $".{lab}.lock"), _clock,
            stop, timeout: TimeSpan.FromMinutes(10));
        var plan = await Plan.CreateAsync(labCloud, lab, order, stop);
        // From here on, Get-KlVm lists this cloud, so that resources are found even after a failure.
        var publicKey = await labCloud.Keys.PublicKeyAsync(lab, stop);
        // The group is created first and removed last, so that it exists whenever another resource of the lab exists.
        var group = plan.Group ?? await CreateSharedAsync<SecurityGroup>(labCloud, lab, "security group", new(), events, stop);
        await RulesAsync(labCloud, group, stop);
        var key = KeyAsync(labCloud, lab, order, plan, publicKey, events, stop);
        var servers = ServerGroupAsync(labCloud, lab, order, plan, events, stop);
        var network = NetworkAsync(labCloud, lab, order, plan, events, stop);
        await Task.WhenAll(key, servers, network);
        var (net, subnet) = await network;
        var ports = await PortsAsync(labCloud, lab, order, plan, body: machine => PortBody(lab, machine, order, net, subnet, group.Id), stop);
        return new(labCloud, plan.Image, plan.Flavor, net, subnet, group.Id, await key)
        {
            ExternalId = plan.ExternalId, ServerGroupId = await servers, PublicKey = publicKey,
            Servers = plan.Servers, Ports = [.. plan.Ports, .. ports], FloatingIps = plan.FloatingIps, FreeFloatingIps = new(plan.FreeFloatingIps),
        };
    }

    private static async Task<T> CreateSharedAsync<T>(LabCloud labCloud, string lab, string description, JsonObject body,
        IProgress<LabEvent> events, CancellationToken stop)
        where T : class, ICloudResource
    {
        (body["name"], body["description"]) = (CloudMarkers.Name(lab), CloudMarkers.OfLab(lab));
        var created = await labCloud.Cloud.CreateAsync<T>(body, stop);
        events.Changed(lab, $"created the {description} {CloudMarkers.Name(lab)}");
        return created;
    }

    private static Task RulesAsync(LabCloud labCloud, SecurityGroup group, CancellationToken stop)
    {
        var missing = Wanted.Where(rule =>
            !group.SecurityGroupRules.Any(one => one.Direction == "ingress" && one.Ethertype == rule.Type && one.Protocol == rule.Protocol
                && one.PortRangeMin == rule.First && one.PortRangeMax == rule.Last && (one.RemoteGroupId == group.Id) == rule.FromGroup))
            .Select(rule => new JsonObject
            {
                ["security_group_id"] = group.Id, ["direction"] = "ingress", ["ethertype"] = rule.Type, ["protocol"] = rule.Protocol,
                ["port_range_min"] = rule.First, ["port_range_max"] = rule.Last, ["remote_group_id"] = rule.FromGroup ? group.Id : null,
            }).ToList();
        return missing.Count == 0 ? Task.CompletedTask : labCloud.Cloud.CreateManyAsync<SecurityGroupRule>(missing, stop);
    }

    private static async Task<string> KeyAsync(LabCloud labCloud, string lab, OpenStackOrder order, Plan plan, string publicKey,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (order.KeyName is { } own)
            return own;
        var name = CloudMarkers.Name(lab);
        if (plan.Key is { } existing)
        {
            if (existing.PublicKey?.Trim() == publicKey)
                return name;
            // It was created on another computer, or the local folder was lost. Servers keep their original keys.
            await labCloud.Cloud.DeleteAsync<KeyPair>(name, stop);
        }
        await labCloud.Cloud.CreateAsync<KeyPair>(new() { ["name"] = name, ["public_key"] = publicKey }, stop);
        events.Changed(lab, $"created the key pair {name}");
        return name;
    }

    private static async Task<string?> ServerGroupAsync(LabCloud labCloud, string lab, OpenStackOrder order, Plan plan,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (order.ServerGroup is null || plan.ServerGroup is not null)
            return plan.ServerGroup?.Id;
        var created = await labCloud.Cloud.CreateAsync<ServerGroup>(new() { ["name"] = CloudMarkers.Name(lab), ["policy"] = order.ServerGroup }, stop);
        events.Changed(lab, $"created the server group {CloudMarkers.Name(lab)} ({order.ServerGroup})");
        return created.Id;
    }

    /// <summary>Creates the missing ports of all machines, many with one request.</summary>
    private static async Task<IReadOnlyList<Port>> PortsAsync(LabCloud labCloud, string lab, OpenStackOrder order, Plan plan,
        Func<string, JsonObject> body, CancellationToken stop)
    {
        var missing = order.Machines.Where(machine => plan.ServerOf(lab, machine) is null && plan.PortOf(lab, machine) is null).ToList();
        try
        {
            return [.. (await Task.WhenAll(missing.Chunk(PortsPerRequest).Select(some => labCloud.Cloud.CreateManyAsync<Port>([.. some.Select(body)], stop))))
                .SelectMany(ports => ports)];
        }
        // If one port fails, each machine creates its own port, and reports its own error.
        catch (KlException error) when (error.IsConflict())
        {
            return (await labCloud.Ports.ReadAsync(stop)).Where(one => missing.Exists(machine => one.Description == CloudMarkers.OfMachine(lab, machine)))
                .ToList();
        }
    }

    private static async Task<(string, Subnet?)> NetworkAsync(LabCloud labCloud, string lab, OpenStackOrder order, Plan plan,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (plan.ExistingNetwork is { } given)
            return (given.Id, null);
        var (router, addresses) = (RouterAsync(), AddressesAsync());
        await Task.WhenAll(router, addresses);
        var (network, subnet) = await addresses;
        if (!plan.Ports.Any(port => port.DeviceOwner.StartsWith("network:", StringComparison.Ordinal) && port.DeviceId == plan.Router?.Id
            && port.FixedIps.Any(ip => ip.SubnetId == subnet.Id)))
            try
            {
                await labCloud.Cloud.RouteAsync((await router).Id, "add_router_interface", new() { ["subnet_id"] = subnet.Id }, stop);
            }
            catch (KlException error) when (Plan.Overlapping(plan.Cidr, error) is { } overlapping)
            {
                throw overlapping;
            }
        return (network.Id, subnet);

        async Task<(Network, Subnet)> AddressesAsync()
        {
            var network = plan.Network ?? await CreateSharedAsync<Network>(labCloud, lab, "network", new(), events, stop);
            return (network, plan.Subnet ?? await CreateSharedAsync<Subnet>(labCloud, lab, "subnet",
                new() { ["network_id"] = network.Id, ["ip_version"] = 4, ["cidr"] = plan.Cidr }, events, stop));
        }

        async Task<Router> RouterAsync() => plan.Router ?? await CreateSharedAsync<Router>(labCloud, lab, "router",
            new() { ["external_gateway_info"] = new JsonObject { ["network_id"] = plan.ExternalId } }, events, stop);
    }
}
