using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

public sealed partial class OpenStackProvider : IHardReset
{
    private static readonly TimeSpan PowerTimeout = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop)
    {
        var labCloud = await CloudAsync(machine.Location, null, stop);
        var wanted = action == PowerAction.Stop ? "SHUTOFF" : "ACTIVE";
        // Nova rejects actions while a server has a pending task.
        var server = await WaitAsync(labCloud, machine, one => one.TaskState is null, "idle", stop);
        if (server.Status != wanted || action == PowerAction.Restart)
        {
            events.Step(machine.Name, $"{action} requested");
            await (action switch
            {
                PowerAction.Stop => labCloud.Cloud.ActAsync(server.Id, "os-stop", null, stop),
                PowerAction.Restart when server.Status == "ACTIVE" => labCloud.Cloud.ActAsync(server.Id, "reboot", new JsonObject { ["type"] = "SOFT" }, stop),
                _ => labCloud.Cloud.ActAsync(server.Id, "os-start", null, stop),
            });
            server = await WaitAsync(labCloud, machine, one => one.Status == wanted && one.TaskState is null, wanted, stop);
            events.Changed(machine.Name, action == PowerAction.Stop ? "stopped" : "started");
        }
        return (await MachinesAsync(labCloud.Cloud.Name, stop)).FirstOrDefault(one => one.Id == server.Id) ?? throw NotFound(machine);
    }

    /// <inheritdoc/>
    public async Task ResetAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var labCloud = await CloudAsync(machine.Location, null, stop);
        var server = await WaitAsync(labCloud, machine, one => one.TaskState is null, "idle", stop);
        events.Step(machine.Name, "Hard reboot requested");
        await labCloud.Cloud.ActAsync(server.Id, "reboot", new JsonObject { ["type"] = "HARD" }, stop);
        await WaitAsync(labCloud, machine, one => one is { Status: "ACTIVE", TaskState: null }, "ACTIVE", stop);
        events.Changed(machine.Name, "restarted");
    }

    private Task<Server> WaitAsync(LabCloud labCloud, Machine machine, Func<Server, bool> condition, string what, CancellationToken stop) => Wait.UntilAsync(
        token => ServerAsync(labCloud, machine, token),
        one => condition(one) ? Verdict.Ready : one is { Status: "ERROR", TaskState: null }
        ? Verdict.Failed(one.Fault?.Message ?? "the server is in the state ERROR.") : Verdict.Pending(one.TaskState ?? one.Status),
        new(machine.Name, $"{machine.Name} to become {what}", PowerTimeout, TimeSpan.Zero)
        {
            FailedId = ErrorIds.PowerFailed, TimeoutId = ErrorIds.PowerTimeout,
            NextStep = "Check its console in the cloud's dashboard, or remove the machine and create it again.",
        },
        _clock, stop);

    private static async Task<Server> ServerAsync(LabCloud labCloud, Machine machine, CancellationToken stop) =>
        await labCloud.WithFaultAsync((await labCloud.Servers.ReadAsync(stop)).FirstOrDefault(one => one.Id == machine.Id), stop) ?? throw NotFound(machine);

    private static KlException NotFound(Machine machine) =>
        new(ErrorIds.MachineNotFound, KlErrorKind.NotFound, machine.Name, $"The server {machine.Id} no longer exists in the cloud {machine.Location}.");
}
