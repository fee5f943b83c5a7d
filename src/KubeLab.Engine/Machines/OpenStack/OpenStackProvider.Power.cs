using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider
{
    private static readonly TimeSpan PowerLimit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop)
    {
        var home = await HomeAsync(machine.Cloud, null, stop);
        var wanted = action == PowerAction.Stop ? "SHUTOFF" : "ACTIVE";
        // Nova refuses what is asked of a server that is still about something else.
        var server = await UntilAsync(home, machine, one => one.TaskState is null, "idle", stop);
        if (server.Status != wanted || action == PowerAction.Restart)
        {
            events.Step(machine.Name, $"{action} requested");
            await (action switch
            {
                PowerAction.Stop => home.Cloud.ActAsync(server.Id, "os-stop", null, stop),
                PowerAction.Restart when server.Status == "ACTIVE" => home.Cloud.ActAsync(server.Id, "reboot", new JsonObject { ["type"] = "SOFT" }, stop),
                _ => home.Cloud.ActAsync(server.Id, "os-start", null, stop),
            });
            server = await UntilAsync(home, machine, one => one.Status == wanted && one.TaskState is null, wanted, stop);
            events.Changed(machine.Name, action == PowerAction.Stop ? "stopped" : "started");
        }
        return (await SeeAsync(home.Cloud.Name, stop)).FirstOrDefault(one => one.Id == server.Id) ?? throw Missing(machine);
    }

    private Task<Server> UntilAsync(LabCloud home, Machine machine, Func<Server, bool> isSo, string what, CancellationToken stop) => Wait.UntilAsync(
        token => OneAsync(home, machine, token),
        one => isSo(one) ? Verdict.Ready : one is { Status: "ERROR", TaskState: null } ? Verdict.Failed(one.Fault?.Message ?? "the server is in ERROR.") : Verdict.Pending(one.TaskState ?? one.Status),
        new(machine.Name, $"{machine.Name} to become {what}", PowerLimit, TimeSpan.Zero) { FailedId = ErrorIds.PowerFailed, TimeoutId = ErrorIds.PowerTimeout, NextStep = "See its console in the cloud's dashboard; Remove-KlVm and New-KlVm make it anew." }, _clock, stop);

    private static async Task<Server> OneAsync(LabCloud home, Machine machine, CancellationToken stop) =>
        (await home.Servers.ReadAsync(stop)).FirstOrDefault(one => one.Id == machine.Id) ?? throw Missing(machine);

    private static KlException Missing(Machine machine) =>
        new(ErrorIds.MachineNotFound, KlErrorKind.NotFound, machine.Name, $"The cloud {machine.Cloud} has no server {machine.Id} any more.", "Get-KlVm lists those there are; New-KlVm completes a machine that is Incomplete.");
}
