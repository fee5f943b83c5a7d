using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Waits until a server is ACTIVE. Starts it if it is stopped.</summary>
/// <param name="cloud">The cloud.</param>
/// <param name="spec">The machine.</param>
/// <param name="id">The server's ID.</param>
/// <param name="isNew">Whether the server has just been created. Then the cloud is asked only for the servers that have changed.</param>
/// <param name="events">Receives progress.</param>
internal sealed class ServerWatch(LabCloud cloud, MachineSpec spec, string id, bool isNew, IProgress<LabEvent> events)
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(15);
    // Every eighth poll lists all servers, to find one that was neither ACTIVE nor in ERROR at the other polls.
    private const int FullListEvery = 8;
    // Nova stores the fault of a server after its state ERROR.
    private const int ReasonPolls = 5;

    private int _polls;
    private int _withoutReason;
    private bool _isStarted;

    /// <summary>Waits for the server.</summary>
    /// <exception cref="KlException">ServerFailed, ServerTimeout, and the errors of the client.</exception>
    public async Task<Server> ActiveAsync(TimeProvider clock, CancellationToken stop)
    {
        var server = await WaitAsync(clock, stop);
        if (!IsStopped(server))
            return server;
        events.Step(spec.Name, "Starting the machine");
        await cloud.Cloud.ActAsync(server.Id, "os-start", null, stop);
        events.Changed(spec.Name, "started");
        _isStarted = true;
        return await WaitAsync(clock, stop);
    }

    private async Task<Server> WaitAsync(TimeProvider clock, CancellationToken stop) => (await Wait.UntilAsync(ReadAsync, Judge,
        new(spec.Name, $"{spec.Name} to become ACTIVE", BuildTimeout, TimeSpan.Zero)
        {
            FailedId = ErrorIds.ServerFailed, TimeoutId = ErrorIds.ServerTimeout,
            NextStep = $"Remove {spec.Name}, then run the command again. If the cloud has no capacity, use another -Flavor or -AvailabilityZone.",
        },
        clock, stop, reason => events.Step(spec.Name, reason))).Server!;

    private async Task<Reading> ReadAsync(CancellationToken stop)
    {
        if (isNew && (await cloud.Built.ReadAsync(stop)).GetValueOrDefault(id) is { } built)
            return new(await cloud.WithFaultAsync(built, stop));
        if (isNew && ++_polls % FullListEvery != 0 || (await cloud.Building.ReadAsync(stop)).Contains(id))
            return new(null, IsBuilding: true);
        return new(await cloud.WithFaultAsync(OpenStackProvider.Find(await cloud.Servers.ReadAsync(stop), spec), stop));
    }

    private Verdict Judge(Reading reading) => reading switch
    {
        { IsBuilding: true } => Verdict.Pending("BUILD"),
        { Server: null } => Verdict.Pending("Nova does not list the server yet."),
        { Server.Status: "ACTIVE" } => Verdict.Ready,
        { Server: var server } when IsStopped(server) && !_isStarted => Verdict.Ready,
        { Server: { Status: "ERROR", Fault: null } } => ++_withoutReason < ReasonPolls
            ? Verdict.Pending("Nova has not reported the reason of the failure yet.")
            : Verdict.Failed("the server is in the state ERROR. Nova did not report a reason."),
        { Server: { Status: "ERROR", Fault: var fault } } => Verdict.Failed($"{fault.Message} (code {fault.Code})"),
        { Server: { Status: "BUILD" or "SHUTOFF" or "REBOOT" or "HARD_REBOOT" or "" } server } => Verdict.Pending(server.TaskState ?? server.Status),
        { Server: var server } => Verdict.Failed($"the server is in the state {server.Status}."),
    };

    private static bool IsStopped(Server server) => server is { Status: "SHUTOFF", TaskState: null };

    /// <summary>What the cloud reported: a server, or that it is still being built.</summary>
    private readonly record struct Reading(Server? Server, bool IsBuilding = false);
}
