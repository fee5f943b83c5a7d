using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);
    // One look in so many is at all servers: for what became of one that was neither ACTIVE nor in ERROR when the others were looked for.
    private const int Thorough = 8;

    private static readonly Server Begun = new() { Id = "", Status = "BUILD" };

    /// <inheritdoc/>
    /// <remarks>Two requests a machine (server, floating IP), one for the ports of all, and what an order shares. The machine is ACTIVE then; the first SSH connection waits until it has booted.</remarks>
    /// <exception cref="KlException">ImageMissing, ServerFailed, FloatingIpMissing, what <see cref="Plan.MakeAsync"/> throws, and the client's own.</exception>
    public async Task<Machine> CreateAsync(MachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (spec is not OpenStackMachineSpec asked)
            throw new KlException(ErrorIds.ImageMissing, KlErrorKind.InvalidInput, spec.Name, $"{spec.Name}: a machine of the OpenStack provider needs an image and a flavor.", "Give -Image and -Flavor.");
        var ground = await SharedGroundAsync(asked, events, stop);
        var server = Find(ground.Servers, asked);
        var port = server is not null ? CloudMachine.PortOf(server, ground.Ports) : ground.Ports.FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(asked.Lab, asked.Name));
        port ??= server is null ? await MakePortAsync(ground, asked, stop) : null;
        var made = server is null ? await MakeServerAsync(ground, asked, port!, events, stop) : server.Id;
        var outer = asked.Order.FloatingIp && port is not null ? FloatAsync(ground, asked, port, events, stop) : Task.FromResult<FloatingIp?>(null);
        var active = server is { Status: "ACTIVE" } ? Task.FromResult(server) : ActiveAsync(ground.Home, asked, made, isNew: server is null, events, stop);
        // Neither is left alone when the other fails.
        await Task.WhenAll(active, outer);
        return CloudMachine.Of(ground.Home, await active, port, await outer is { } floating ? [floating] : ground.FloatingIps);
    }

    private static Server? Find(IReadOnlyList<Server> servers, MachineSpec spec) =>
        servers.Where(one => one.Name == spec.Name && CloudMarkers.Lab(one) == spec.Lab).MinBy(one => one.Created);

    private static async Task<Port> MakePortAsync(PreparedOrder ground, OpenStackMachineSpec spec, CancellationToken stop)
    {
        try
        {
            return await ground.Home.Cloud.CreateAsync<Port>(PortBody(spec.Lab, spec.Name, spec.Order, ground.NetworkId, ground.Subnet, ground.GroupId), stop);
        }
        // Its address can be taken by itself alone: another process makes the same machine.
        catch (KlException error) when (error.IsConflict())
        {
            return (await ground.Home.Ports.ReadAsync(stop)).FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(spec.Lab, spec.Name)) ?? throw About(spec, error);
        }
    }

    private static JsonObject PortBody(string lab, string machine, OpenStackOrder order, string network, Subnet? subnet, string group)
    {
        var body = new JsonObject
        {
            ["name"] = machine, ["description"] = CloudMarkers.OfMachine(lab, machine), ["network_id"] = network,
            ["security_groups"] = new JsonArray(group),
            // Pods send with their own addresses, where the overlay does not wrap them.
            ["allowed_address_pairs"] = new JsonArray(new JsonObject { ["ip_address"] = order.PodSubnet }),
        };
        if (subnet is not null && AddressIn(subnet.Cidr, CloudMarkers.Number(machine)) is { } address)
            body["fixed_ips"] = new JsonArray(new JsonObject { ["subnet_id"] = subnet.Id, ["ip_address"] = address.ToString() });
        return body;
    }

    /// <summary>The address that a machine has by its number, so that no two processes can make it twice; null where the subnet is too small.</summary>
    internal static IPAddress? AddressIn(string cidr, int number)
    {
        var network = IPNetwork.Parse(cidr);
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
            return null;
        var size = 1L << (32 - network.PrefixLength);
        // Below it are the router's and DHCP's.
        var offset = number + (size >= 1024 ? 256 : 10);
        if (offset >= size - 1)
            return null;
        var bytes = network.BaseAddress.GetAddressBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)offset);
        return new(bytes);
    }

    private static async Task<string> MakeServerAsync(PreparedOrder ground, OpenStackMachineSpec spec, Port port, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(spec.Name, "creates the machine");
        var (hostKey, hostPublicKey) = await ground.Home.Keys.HostKeyAsync(spec.Lab, spec.Name, stop);
        await ground.Home.Keys.LearnAsync(spec.Lab, spec.Name, hostPublicKey, stop);
        var body = new JsonObject
        {
            ["name"] = spec.Name, ["flavorRef"] = ground.Flavor.Id, ["key_name"] = ground.KeyName,
            ["networks"] = new JsonArray(new JsonObject { ["port"] = port.Id }),
            ["user_data"] = CloudInit.UserData(spec.Name, ground.PublicKey, hostKey, hostPublicKey),
            ["metadata"] = new JsonObject { [CloudMarkers.LabKey] = spec.Lab, [CloudMachine.ImageKey] = ground.Image.Name ?? ground.Image.Id },
        };
        if (spec.Order.BootVolume is { } size)
            body["block_device_mapping_v2"] = new JsonArray(new JsonObject
            {
                ["boot_index"] = 0, ["uuid"] = ground.Image.Id, ["source_type"] = "image", ["destination_type"] = "volume", ["volume_size"] = size, ["delete_on_termination"] = true,
            });
        else
            body["imageRef"] = ground.Image.Id;
        if (spec.Order.Zones is { Count: > 0 } zones)
            body["availability_zone"] = zones[(CloudMarkers.Number(spec.Name) + zones.Count - 1) % zones.Count];
        try
        {
            var id = await ground.Home.Cloud.CreateServerAsync(body, ground.ServerGroupId is { } group ? new() { ["group"] = group } : null, stop);
            events.Changed(spec.Name, $"created at {string.Join(", ", port.FixedIps.Select(ip => ip.IpAddress))} ({ground.Flavor.Name})");
            return id;
        }
        // A port serves one server: where another process was quicker, Nova refuses ours.
        catch (KlException error) when (error.Answer() is { Code: 400 or 409 })
        {
            return Find(await ground.Home.Servers.ReadAsync(stop), spec)?.Id ?? throw About(spec, error);
        }
    }

    private static async Task<FloatingIp?> FloatAsync(PreparedOrder ground, OpenStackMachineSpec spec, Port port, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (ground.FloatingIps.FirstOrDefault(one => one.PortId == port.Id) is { } there)
            return there;
        try
        {
            var before = ground.FloatingIps.FirstOrDefault(one => one.PortId is null && one.Description == CloudMarkers.OfMachine(spec.Lab, spec.Name));
            if (before is not null || ground.Free.TryDequeue(out before))
                return await ground.Home.Cloud.UpdateAsync<FloatingIp>(before.Id, new() { ["port_id"] = port.Id }, stop);
            var made = await ground.Home.Cloud.CreateAsync<FloatingIp>(
                new() { ["floating_network_id"] = ground.ExternalId, ["port_id"] = port.Id, ["description"] = CloudMarkers.OfMachine(spec.Lab, spec.Name) }, stop);
            events.Changed(spec.Name, $"reached at {made.FloatingIpAddress}");
            return made;
        }
        // Where no router leads out of a network that the user named, Neutron does not find the external network.
        catch (KlException error) when (error.Answer() is { Code: 404 } && spec.Order.Network is { } network)
        {
            throw new KlException(ErrorIds.FloatingIpMissing, KlErrorKind.Failed, spec.Name, $"{spec.Name}: {error.Message}",
                $"Connect {network} with a router to the external network, or leave -FloatingIp out; then run the same again.", error.InnerException);
        }
        catch (KlException error) when (error.IsConflict())
        {
            // Another process may have been quicker: a port has one at most.
            if ((await ground.Home.FloatingIps.ReadAsync(stop)).FirstOrDefault(one => one.PortId == port.Id) is { } quicker)
                return quicker;
            throw new KlException(ErrorIds.FloatingIpMissing, KlErrorKind.Failed, spec.Name, $"{spec.Name}: {error.Message}",
                "If the external network has no address left, release one that is not needed or leave -FloatingIp out; then run the same again.", error.InnerException);
        }
    }

    /// <summary>Waits until a server is ACTIVE, and starts one that was shut off.</summary>
    private async Task<Server> ActiveAsync(LabCloud home, MachineSpec spec, string id, bool isNew, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (started, looks) = (false, 0);
        return (await Wait.UntilAsync(
            async token =>
            {
                if (isNew && (await home.Built.ReadAsync(token)).GetValueOrDefault(id) is { } built)
                    return built;
                if (isNew && ++looks % Thorough != 0)
                    return Begun;
                if ((await home.Building.ReadAsync(token)).Contains(id))
                    return Begun;
                var server = Find(await home.Servers.ReadAsync(token), spec);
                if (server is { Status: "SHUTOFF", TaskState: null } && !started)
                {
                    events.Step(spec.Name, "starts the machine");
                    await home.Cloud.ActAsync(server.Id, "os-start", null, token);
                    events.Changed(spec.Name, "started");
                    started = true;
                }
                return server;
            },
            server => server?.Status switch
            {
                "ACTIVE" => Verdict.Ready,
                "ERROR" => Verdict.Failed(server.Fault is { } fault ? $"{fault.Message} (code {fault.Code})" : "the server is in ERROR, and Nova does not say why."),
                null => Verdict.Pending("Nova does not list it yet."),
                "BUILD" or "SHUTOFF" or "REBOOT" or "HARD_REBOOT" or "" => Verdict.Pending(server.TaskState ?? server.Status),
                var other => Verdict.Failed($"the server is {other}."),
            },
            new(spec.Name, $"{spec.Name} to become ACTIVE", BuildLimit, TimeSpan.Zero) { FailedId = ErrorIds.ServerFailed, TimeoutId = ErrorIds.ServerTimeout, NextStep = $"Remove-KlVm {spec.Name}, then run the same again, with another -Flavor or -AvailabilityZone if the cloud has no room." },
            _clock, stop, reason => events.Step(spec.Name, reason)))!;
    }

    private static KlException About(MachineSpec spec, KlException error) => new(error.ErrorId, error.Kind, spec.Name, $"{spec.Name}: {error.Message}", error.NextStep, error.InnerException);
}
