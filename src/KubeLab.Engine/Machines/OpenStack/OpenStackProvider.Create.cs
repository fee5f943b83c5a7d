using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    /// <inheritdoc/>
    /// <remarks>Two requests per machine (server, floating IP), one for all ports, and the shared ones of the order. The machine is then ACTIVE. The first
    /// SSH connection waits until it has booted.</remarks>
    /// <exception cref="KlException">ServerFailed, FloatingIpNotAssigned, the errors of <see cref="Plan.CreateAsync"/>, and those of the
    /// client.</exception>
    public async Task<Machine> CreateAsync(OpenStackMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        var prepared = await SharedPrepareAsync(spec, events, stop);
        var server = Find(prepared.Servers, spec);
        var port = server is not null ? CloudMachine.PortOf(server, prepared.Ports)
            : prepared.Ports.FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(spec.Lab, spec.Name));
        port ??= server is null ? await CreatePortAsync(prepared, spec, stop) : null;
        var created = server is null ? await CreateServerAsync(prepared, spec, port!, events, stop) : server.Id;
        var outer = spec.Order.FloatingIp && port is not null ? FloatingIpAsync(prepared, spec, port, events, stop) : Task.FromResult<FloatingIp?>(null);
        var active = server is { Status: "ACTIVE" } ? Task.FromResult(server)
            : new ServerWatch(prepared.LabCloud, spec, created, server is null, events).ActiveAsync(_clock, stop);
        // If one fails, the other is still awaited.
        await Task.WhenAll(active, outer);
        return CloudMachine.Of(prepared.LabCloud, await active, port, await outer is { } floating ? [floating] : prepared.FloatingIps);
    }

    internal static Server? Find(IReadOnlyList<Server> servers, MachineSpec spec) =>
        servers.Where(one => one.Name == spec.Name && CloudMarkers.Lab(one) == spec.Lab).MinBy(one => one.Created);

    private static async Task<Port> CreatePortAsync(PreparedOrder prepared, OpenStackMachineSpec spec, CancellationToken stop)
    {
        try
        {
            return await prepared.LabCloud.Cloud.CreateAsync<Port>(PortBody(spec.Lab, spec.Name, spec.Order, prepared.NetworkId,
                prepared.Subnet, prepared.GroupId), stop);
        }
        // Only the same machine can have this address: another process is creating it.
        catch (KlException error) when (error.IsConflict())
        {
            return (await prepared.LabCloud.Ports.ReadAsync(stop)).FirstOrDefault(one => one.Description == CloudMarkers.OfMachine(spec.Lab, spec.Name))
                ?? throw WithName(spec, error);
        }
    }

    private static JsonObject PortBody(string lab, string machine, OpenStackOrder order, string network, Subnet? subnet, string group)
    {
        var body = new JsonObject
        {
            ["name"] = machine, ["description"] = CloudMarkers.OfMachine(lab, machine), ["network_id"] = network,
            ["security_groups"] = new JsonArray(group),
            // Without encapsulation by the overlay network, pods send from their own addresses.
            ["allowed_address_pairs"] = new JsonArray(new JsonObject { ["ip_address"] = order.PodSubnet }),
        };
        if (subnet is not null && AddressIn(subnet.Cidr, CloudMarkers.Number(machine)) is { } address)
            body["fixed_ips"] = new JsonArray(new JsonObject { ["subnet_id"] = subnet.Id, ["ip_address"] = address.ToString() });
        return body;
    }

    /// <summary>The address that belongs to a machine's number, so that two processes cannot create the machine twice. Null if the subnet is too
    /// small.</summary>
    internal static IPAddress? AddressIn(string cidr, int number)
    {
        var network = IPNetwork.Parse(cidr);
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
            return null;
        var size = 1L << (32 - network.PrefixLength);
        // Lower addresses are used by the router and DHCP.
        var offset = number + (size >= 1024 ? 256 : 10);
        if (offset >= size - 1)
            return null;
        var bytes = network.BaseAddress.GetAddressBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)offset);
        return new(bytes);
    }

    private static async Task<string> CreateServerAsync(PreparedOrder prepared, OpenStackMachineSpec spec, Port port,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(spec.Name, "Creating the machine");
        var (hostKey, hostPublicKey) = await prepared.LabCloud.Keys.HostKeyAsync(spec.Lab, spec.Name, stop);
        await prepared.LabCloud.Keys.StoreAsync(spec.Lab, spec.Name, hostPublicKey, stop);
        var body = new JsonObject
        {
            ["name"] = spec.Name, ["flavorRef"] = prepared.Flavor.Id, ["key_name"] = prepared.KeyName,
            ["networks"] = new JsonArray(new JsonObject { ["port"] = port.Id }),
            ["user_data"] = CloudInit.UserData(spec.Name, prepared.PublicKey, hostKey, hostPublicKey),
            ["metadata"] = new JsonObject { [CloudMarkers.LabKey] = spec.Lab, [CloudMachine.ImageKey] = prepared.Image.Name ?? prepared.Image.Id },
        };
        if (spec.Order.BootVolume is { } size)
            body["block_device_mapping_v2"] = new JsonArray(new JsonObject
            {
                ["boot_index"] = 0, ["uuid"] = prepared.Image.Id, ["source_type"] = "image", ["destination_type"] = "volume",
                ["volume_size"] = size, ["delete_on_termination"] = true,
            });
        else
            body["imageRef"] = prepared.Image.Id;
        if (spec.Order.Zones is { Count: > 0 } zones)
            body["availability_zone"] = zones[(CloudMarkers.Number(spec.Name) + zones.Count - 1) % zones.Count];
        try
        {
            var id = await prepared.LabCloud.Cloud.CreateServerAsync(body, prepared.ServerGroupId is { } group ? new() { ["group"] = group } : null, stop);
            events.Changed(spec.Name, $"created at {string.Join(", ", port.FixedIps.Select(ip => ip.IpAddress))} ({prepared.Flavor.Name})");
            return id;
        }
        // A port serves one server. If another process was faster, Nova rejects this request.
        catch (KlException error) when (error.Answer() is { Code: 400 or 409 })
        {
            return Find(await prepared.LabCloud.Servers.ReadAsync(stop), spec)?.Id ?? throw WithName(spec, error);
        }
    }

    private static async Task<FloatingIp?> FloatingIpAsync(PreparedOrder prepared, OpenStackMachineSpec spec, Port port,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (prepared.FloatingIps.FirstOrDefault(one => one.PortId == port.Id) is { } existing)
            return existing;
        try
        {
            var before = prepared.FloatingIps.FirstOrDefault(one => one.PortId is null && one.Description == CloudMarkers.OfMachine(spec.Lab, spec.Name));
            if (before is not null || prepared.FreeFloatingIps.TryDequeue(out before))
                return await prepared.LabCloud.Cloud.UpdateAsync<FloatingIp>(before.Id, new() { ["port_id"] = port.Id }, stop);
            var created = await prepared.LabCloud.Cloud.CreateAsync<FloatingIp>(
                new() { ["floating_network_id"] = prepared.ExternalId, ["port_id"] = port.Id, ["description"] = CloudMarkers.OfMachine(spec.Lab, spec.Name) },
                stop);
            events.Changed(spec.Name, $"assigned the floating IP {created.FloatingIpAddress}");
            return created;
        }
        // If no router connects the user's network to the external network, Neutron does not find the external network.
        catch (KlException error) when (error.Answer() is { Code: 404 } && spec.Order.Network is { } network)
        {
            throw new KlException(ErrorIds.FloatingIpNotAssigned, KlErrorKind.Failed, spec.Name, $"{spec.Name}: {error.Message}",
                $"Connect {network} with a router to the external network, or omit -FloatingIp. Then run the command again.", error.InnerException);
        }
        catch (KlException error) when (error.IsConflict())
        {
            // A port has at most one floating IP, and another process may have been faster.
            if ((await prepared.LabCloud.FloatingIps.ReadAsync(stop)).FirstOrDefault(one => one.PortId == port.Id) is { } faster)
                return faster;
            throw new KlException(ErrorIds.FloatingIpNotAssigned, KlErrorKind.Failed, spec.Name, $"{spec.Name}: {error.Message}",
                "If the external network has no free address, release an unused one or omit -FloatingIp. Then run the command again.", error.InnerException);
        }
    }

    private static KlException WithName(MachineSpec spec, KlException error) =>
        new(error.ErrorId, error.Kind, spec.Name, $"{spec.Name}: {error.Message}", error.NextStep, error.InnerException);
}
