using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    private static readonly TimeSpan RemoveLimit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    /// <remarks>The network, the router, the keys and the security group go with a lab's last machine. Floating IPs that were there before us stay.</remarks>
    public async Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var home = await HomeAsync(machine.Cloud, null, stop);
        var mine = CloudMarkers.OfMachine(machine.Lab, machine.Name);
        bool IsMine(Server server) => server.Id == machine.Id || (server.Name == machine.Name && CloudMarkers.Lab(server) == machine.Lab);
        var (servers, ports, floatingIps) = (home.Servers.ReadAsync(stop), home.Ports.ReadAsync(stop), home.FloatingIps.ReadAsync(stop));
        await Task.WhenAll(servers, ports, floatingIps);
        events.Step(machine.Name, "removes the machine");
        var gone = await Task.WhenAll((await servers).Where(IsMine).Select(server => home.Cloud.DeleteAsync<Server>(server.Id, stop))
            .Concat((await floatingIps).Where(one => one.Description == mine).Select(one => home.Cloud.DeleteAsync<FloatingIp>(one.Id, stop))));
        if (gone.Length > 0)
            await Wait.UntilAsync(
                async token => (await home.Servers.ReadAsync(token)).FirstOrDefault(IsMine),
                server => server is null ? Verdict.Ready : server.Status == "ERROR" && server.TaskState is null && server.Fault is { } fault
                    ? Verdict.Failed(fault.Message) : Verdict.Pending(server.TaskState ?? server.Status),
                new(machine.Name, $"{machine.Name} to be gone", RemoveLimit, TimeSpan.Zero) { FailedId = ErrorIds.ServerRemovalFailed, TimeoutId = ErrorIds.ServerRemovalTimeout, NextStep = "Run Remove-KlVm again; if it does not help, the cloud's operators must remove it." },
                _clock, stop, reason => events.Detail(machine.Name, reason));
        // The port is what a machine is found by, so it goes last.
        foreach (var port in (await ports).Where(port => port.Description == mine))
            await FreeAsync<Port>(home, machine.Name, port.Id, $"port {port.Name}", events, stop);
        if (gone.Length > 0)
            events.Changed(machine.Name, "removed");
        await ClearAsync(home, machine, events, stop);
    }

    /// <summary>Removes what the lab has once, if no machine is left to need it.</summary>
    private async Task ClearAsync(LabCloud home, Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (lab, cloud) = (machine.Lab, home.Cloud);
        await home.Clearing.WaitAsync(stop);
        try
        {
            var (servers, ports, groups) = (home.Servers.ReadAsync(stop), home.Ports.ReadAsync(stop), home.Groups.ReadAsync(stop));
            await Task.WhenAll(servers, ports, groups);
            if ((await servers).Any(one => CloudMarkers.Lab(one) == lab) || (await ports).Any(one => CloudMarkers.Read(one.Description) is (var other, { }) && other == lab))
            {
                await home.Keys.ForgetAsync(lab, machine.Name, isLast: false, stop);
                return;
            }
            var mine = (await groups).Where(one => one.Description == CloudMarkers.OfLab(lab)).ToList();
            // Without a group there is nothing else of the lab: one of several that went at once was quicker.
            if (mine.Count > 0)
            {
                await ClearNetworkAsync(home, lab, await ports, events, stop);
                await Task.WhenAll(ClearServerGroupAsync(cloud, lab, stop), ClearKeyAsync(cloud, lab, stop));
                foreach (var group in mine)
                    await FreeAsync<SecurityGroup>(home, lab, group.Id, $"security group {group.Name}", events, stop);
                events.Changed(lab, "removed its network, router, security group and key pair");
            }
            await home.Keys.ForgetAsync(lab, machine.Name, isLast: true, stop);
        }
        finally
        {
            home.Clearing.Release();
        }
    }

    private async Task ClearNetworkAsync(LabCloud home, string lab, IReadOnlyList<Port> ports, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (routers, networks, floatingIps) = (home.Cloud.ListAsync<Router>(stop), home.Cloud.ListAsync<Network>(stop), home.FloatingIps.ReadAsync(stop));
        await Task.WhenAll(routers, networks, floatingIps);
        foreach (var one in (await floatingIps).Where(one => CloudMarkers.Read(one.Description)?.Lab == lab))
            await home.Cloud.DeleteAsync<FloatingIp>(one.Id, stop);
        foreach (var router in (await routers).Where(one => one.Description == CloudMarkers.OfLab(lab)))
        {
            foreach (var port in ports.Where(one => one.DeviceId == router.Id && one.DeviceOwner.Contains("router_interface", StringComparison.Ordinal)))
                await TryAsync(home, lab, $"router {router.Name}", async token =>
                {
                    await home.Cloud.RouteAsync(router.Id, "remove_router_interface", new JsonObject { ["port_id"] = port.Id }, token);
                    return true;
                }, events, stop);
            await FreeAsync<Router>(home, lab, router.Id, $"router {router.Name}", events, stop);
        }
        foreach (var network in (await networks).Where(one => one.Description == CloudMarkers.OfLab(lab)))
            await FreeAsync<Network>(home, lab, network.Id, $"network {network.Name}", events, stop);
    }

    private static async Task ClearServerGroupAsync(ICloud cloud, string lab, CancellationToken stop)
    {
        foreach (var group in (await cloud.ListAsync<ServerGroup>(stop)).Where(one => one.Name == CloudMarkers.Name(lab) && one.Members.Count == 0))
            await cloud.DeleteAsync<ServerGroup>(group.Id, stop);
    }

    private static async Task ClearKeyAsync(ICloud cloud, string lab, CancellationToken stop)
    {
        foreach (var key in (await cloud.ListAsync<KeyPair>(stop)).Where(one => one.Name == CloudMarkers.Name(lab) && one.PublicKey?.TrimEnd().EndsWith($" {CloudMarkers.Name(lab)}", StringComparison.Ordinal) == true))
            await cloud.DeleteAsync<KeyPair>(key.Id, stop);
    }

    private Task<string?> FreeAsync<T>(LabCloud home, string target, string id, string what, IProgress<LabEvent> events, CancellationToken stop)
        where T : class, ICloudResource => TryAsync(home, target, what, token => home.Cloud.DeleteAsync<T>(id, token), events, stop);

    /// <summary>Removes what another removal may still be using for a moment.</summary>
    private Task<string?> TryAsync(LabCloud home, string target, string what, Func<CancellationToken, Task<bool>> remove, IProgress<LabEvent> events, CancellationToken stop) =>
        Wait.UntilAsync<string?>(
            async token =>
            {
                try
                {
                    await remove(token);
                    return null;
                }
                catch (KlException error) when (error.Answer() is { Code: 404 })
                {
                    return null;
                }
                catch (KlException error) when (error.IsConflict())
                {
                    return error.Message;
                }
            },
            why => why is null ? Verdict.Ready : Verdict.Pending(why),
            new(target, $"{what} of {home.Cloud.Name} to be free", RemoveLimit, _interval) { FailedId = ErrorIds.ReleaseFailed, TimeoutId = ErrorIds.ReleaseTimeout, NextStep = "Remove what uses it, then run Remove-KlVm again." },
            _clock, stop, reason => events.Detail(target, reason));
}
