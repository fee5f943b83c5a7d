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
        var server = await OneAsync(home, machine, stop);
        if (server.Status != wanted || action == PowerAction.Restart)
        {
            events.Step(machine.Name, $"{action} requested");
            await (action switch
            {
                PowerAction.Stop => home.Cloud.ActAsync(server.Id, "os-stop", null, stop),
                PowerAction.Restart when server.Status == "ACTIVE" => home.Cloud.ActAsync(server.Id, "reboot", new JsonObject { ["type"] = "SOFT" }, stop),
                _ => home.Cloud.ActAsync(server.Id, "os-start", null, stop),
            });
            server = await Wait.UntilAsync(token => OneAsync(home, machine, token),
                one => one.Status == wanted && one.TaskState is null ? Verdict.Ready
                    : one.Status == "ERROR" ? Verdict.Failed(one.Fault?.Message ?? "the server is in ERROR.") : Verdict.Pending(one.TaskState ?? one.Status),
                new(machine.Name, $"{machine.Name} to become {wanted}", PowerLimit, TimeSpan.Zero) { ErrorId = "PowerFailed" }, _clock, stop);
            events.Changed(machine.Name, action == PowerAction.Stop ? "stopped" : "started");
        }
        return (await SeeAsync(home.Cloud.Name, stop)).FirstOrDefault(one => one.Id == server.Id) ?? throw Missing(machine);
    }

    private static async Task<Server> OneAsync(LabCloud home, Machine machine, CancellationToken stop) =>
        (await home.Servers.ReadAsync(stop)).FirstOrDefault(one => one.Id == machine.Id) ?? throw Missing(machine);

    private static KlException Missing(Machine machine) =>
        new("MachineNotFound", KlErrorKind.NotFound, machine.Name, $"The cloud {machine.Cloud} has no server {machine.Id} any more.", "Get-KlVm lists those there are; New-KlVm completes a machine that is Incomplete.");
}
