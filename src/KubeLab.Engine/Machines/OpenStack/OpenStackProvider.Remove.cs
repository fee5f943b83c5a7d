using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    private static readonly TimeSpan RemoveTimeout = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    /// <remarks>The network, router, keys and security group are deleted with a lab's last machine. Floating IPs that KubeLab did not create are
    /// kept.</remarks>
    public async Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var labCloud = await CloudAsync(machine.Location, null, stop);
        var description = CloudMarkers.OfMachine(machine.Lab, machine.Name);
        bool IsSame(Server server) => server.Id == machine.Id || (server.Name == machine.Name && CloudMarkers.Lab(server) == machine.Lab);
        var (servers, ports, floatingIps) = (labCloud.Servers.ReadAsync(stop), labCloud.Ports.ReadAsync(stop), labCloud.FloatingIps.ReadAsync(stop));
        await Task.WhenAll(servers, ports, floatingIps);
        events.Step(machine.Name, "Removing the machine");
        var deleted = await Task.WhenAll((await servers).Where(IsSame).Select(server => labCloud.Cloud.DeleteAsync<Server>(server.Id, stop))
            .Concat((await floatingIps).Where(one => one.Description == description).Select(one => labCloud.Cloud.DeleteAsync<FloatingIp>(one.Id, stop))));
        if (deleted.Length > 0)
            await Wait.UntilAsync(
                async token => (await labCloud.Servers.ReadAsync(token)).FirstOrDefault(IsSame),
                server => server is null ? Verdict.Ready : server.Status == "ERROR" && server.TaskState is null && server.Fault is { } fault
                    ? Verdict.Failed(fault.Message) : Verdict.Pending(server.TaskState ?? server.Status),
                new(machine.Name, $"{machine.Name} to be deleted", RemoveTimeout, TimeSpan.Zero)
                {
                    FailedId = ErrorIds.ServerRemovalFailed, TimeoutId = ErrorIds.ServerRemovalTimeout,
                    NextStep = "Remove the machine again. If it still fails, ask the cloud's operators to delete the server.",
                },
                _clock, stop, reason => events.Detail(machine.Name, reason));
        // The port is deleted last, because it identifies the machine.
        foreach (var port in (await ports).Where(port => port.Description == description))
            await DeleteUnusedAsync<Port>(labCloud, machine.Name, port.Id, $"port {port.Name}", events, stop);
        if (deleted.Length > 0)
            events.Changed(machine.Name, "removed");
        await CleanUpAsync(labCloud, machine, events, stop);
    }

    /// <summary>Removes the lab's shared resources if no machine is left.</summary>
    private async Task CleanUpAsync(LabCloud labCloud, Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (lab, cloud) = (machine.Lab, labCloud.Cloud);
        await labCloud.CleanupLock.WaitAsync(stop);
        try
        {
            var (servers, ports, groups) = (labCloud.Servers.ReadAsync(stop), labCloud.Ports.ReadAsync(stop), labCloud.Groups.ReadAsync(stop));
            await Task.WhenAll(servers, ports, groups);
            if ((await servers).Any(one => CloudMarkers.Lab(one) == lab)
                || (await ports).Any(one => CloudMarkers.Read(one.Description) is (var other, { }) && other == lab))
            {
                await labCloud.Keys.RemoveAsync(lab, machine.Name, isLast: false, stop);
                return;
            }
            var securityGroups = (await groups).Where(one => one.Description == CloudMarkers.OfLab(lab)).ToList();
            // Without a group, the lab has no other resources: a parallel removal was faster.
            if (securityGroups.Count > 0)
            {
                await DeleteNetworkAsync(labCloud, lab, await ports, events, stop);
                await Task.WhenAll(DeleteServerGroupAsync(cloud, lab, stop), DeleteKeyAsync(cloud, lab, stop));
                foreach (var group in securityGroups)
                    await DeleteUnusedAsync<SecurityGroup>(labCloud, lab, group.Id, $"security group {group.Name}", events, stop);
                events.Changed(lab, "removed the lab's network, router, security group and key pair");
            }
            await labCloud.Keys.RemoveAsync(lab, machine.Name, isLast: true, stop);
        }
        finally
        {
            labCloud.CleanupLock.Release();
        }
    }

    private async Task DeleteNetworkAsync(LabCloud labCloud, string lab, IReadOnlyList<Port> ports, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (routers, networks, floatingIps) = (labCloud.Cloud.ListAsync<Router>(stop), labCloud.Cloud.ListAsync<Network>(stop),
            labCloud.FloatingIps.ReadAsync(stop));
        await Task.WhenAll(routers, networks, floatingIps);
        foreach (var one in (await floatingIps).Where(one => CloudMarkers.Read(one.Description)?.Lab == lab))
            await labCloud.Cloud.DeleteAsync<FloatingIp>(one.Id, stop);
        foreach (var router in (await routers).Where(one => one.Description == CloudMarkers.OfLab(lab)))
        {
            foreach (var port in ports.Where(one => one.DeviceId == router.Id && one.DeviceOwner.Contains("router_interface", StringComparison.Ordinal)))
                await RetryAsync(labCloud, lab, $"router {router.Name}", async token =>
                {
                    await labCloud.Cloud.RouteAsync(router.Id, "remove_router_interface", new JsonObject { ["port_id"] = port.Id }, token);
                    return true;
                }, events, stop);
            await DeleteUnusedAsync<Router>(labCloud, lab, router.Id, $"router {router.Name}", events, stop);
        }
        foreach (var network in (await networks).Where(one => one.Description == CloudMarkers.OfLab(lab)))
            await DeleteUnusedAsync<Network>(labCloud, lab, network.Id, $"network {network.Name}", events, stop);
    }

    private static async Task DeleteServerGroupAsync(ICloud cloud, string lab, CancellationToken stop)
    {
        foreach (var group in (await cloud.ListAsync<ServerGroup>(stop)).Where(one => one.Name == CloudMarkers.Name(lab) && one.Members.Count == 0))
            await cloud.DeleteAsync<ServerGroup>(group.Id, stop);
    }

    private static async Task DeleteKeyAsync(ICloud cloud, string lab, CancellationToken stop)
    {
        foreach (var key in (await cloud.ListAsync<KeyPair>(stop)).Where(one => one.Name == CloudMarkers.Name(lab)
            && one.PublicKey?.TrimEnd().EndsWith($" {CloudMarkers.Name(lab)}", StringComparison.Ordinal) == true))
            await cloud.DeleteAsync<KeyPair>(key.Id, stop);
    }

    private Task<string?> DeleteUnusedAsync<T>(LabCloud labCloud, string target, string id, string what, IProgress<LabEvent> events, CancellationToken stop)
        where T : class, ICloudResource => RetryAsync(labCloud, target, what, token => labCloud.Cloud.DeleteAsync<T>(id, token), events, stop);

    /// <summary>Deletes a resource, and retries while another removal still uses it.</summary>
    private Task<string?> RetryAsync(LabCloud labCloud, string target, string what, Func<CancellationToken, Task<bool>> remove,
        IProgress<LabEvent> events, CancellationToken stop) =>
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
            new(target, $"the {what} of {labCloud.Cloud.Name} to be unused", RemoveTimeout, _interval)
            {
                FailedId = ErrorIds.ReleaseFailed, TimeoutId = ErrorIds.ReleaseTimeout,
                NextStep = "Delete the resources that use it, then remove the machine again.",
            },
            _clock, stop, reason => events.Detail(target, reason));
}
