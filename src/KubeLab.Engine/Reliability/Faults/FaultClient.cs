using System.Security.Cryptography;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Starts, lists and ends faults. The machines hold them and end them, so nothing is lost with this process.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">The machine providers.</param>
/// <param name="machines">Lists the machines of all providers.</param>
/// <param name="minority">Returns the names of less than half of the members of a database, with its primary.</param>
/// <param name="journal">The faults that this process started.</param>
/// <param name="clock">The clock.</param>
public sealed partial class FaultClient(KubeSession kube, IHostPool hosts, IReadOnlyList<IMachineProvider> providers,
    Func<CancellationToken, IAsyncEnumerable<Machine>> machines, Func<FaultInput, CancellationToken, Task<IReadOnlyList<string>>> minority,
    FaultJournal journal, TimeProvider clock)
{
    // The process that restores the power can be late on a busy computer.
    private static readonly TimeSpan CutTolerance = TimeSpan.FromSeconds(5);

    private readonly MachineFaults _onMachines = new(hosts, clock);

    /// <summary>Finds what a fault would concern, and checks that it can be started. Changes nothing.</summary>
    /// <exception cref="KlException">FaultParameterInvalid, FaultTargetInvalid, FaultNeedsMachine, FaultUnsupported, FaultTargetGone, and the errors of
    /// machines and clusters.</exception>
    public async Task<IReadOnlyList<PlannedFault>> PlanAsync(FaultOrder order, CancellationToken stop)
    {
        var (request, found) = (order.Request, new FaultTargets(kube, machines));
        IReadOnlyList<FaultTarget> targets;
        if (order.IsMinority)
        {
            var members = await minority(order.Input, stop);
            // The smaller side is the target, so that few machines hold the fault.
            var sides = (await found.FindAsync(order.Input, stop)).ToLookup(one => members.Contains(one.PodName));
            (targets, request) = ([.. sides[true]], request with { From = [.. sides[false]] });
            FaultRules.Check(request);
        }
        else
        {
            if (order.From is { } from)
                request = request with { From = [.. (await Fleet.AllAsync(from, found.FindAsync, 8, stop)).SelectMany(one => one)] };
            FaultRules.Check(request);
            targets = await found.FindAsync(order.Input, stop);
        }
        foreach (var target in targets)
            FaultRules.Check(request, target, hasPower: target.Machine is { } machine && ProviderOf(machine) is IPowerCuts);
        return [.. targets.Select(target => new PlannedFault(request, target))];
    }

    /// <summary>Starts a fault.</summary>
    /// <returns>The fault, in force.</returns>
    /// <exception cref="KlException">FaultUnsupported, FaultTargetGone, FaultFailed, and the errors of machines and clusters.</exception>
    public async Task<KlFault> StartAsync(FaultRequest request, FaultTarget target, IProgress<LabEvent> events, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var fault = new KlFault
        {
            Id = RandomNumberGenerator.GetHexString(8, lowercase: true),
            Kind = request.Kind,
            Target = target.Name,
            Detail = request.Detail,
            Machine = request.Lasts ? target.Machine!.Name : null,
            Lab = request.Lasts ? target.Machine!.Lab : null,
            Cluster = target.Cluster,
            Started = now,
            Ends = now + request.Duration,
            State = FaultState.Active,
        };
        try
        {
            await BeginAsync(fault, request, target, events, stop);
        }
        catch (Exception error) when (error is OperationCanceledException or KlException { ErrorId: ErrorIds.ConnectionLost })
        {
            // It is not known whether the fault is in force.
            await StopAllAsync([fault], events);
            throw;
        }
        var started = clock.GetUtcNow();
        fault = fault with
        {
            Started = started,
            Ends = started + request.Duration,
            Ended = request.Lasts ? null : started,
            State = request.Lasts ? FaultState.Active : FaultState.Ended,
        };
        journal.Set(fault);
        return fault;
    }

    /// <summary>Lists the active faults of machines. A machine that does not answer is reported as a warning.</summary>
    public async Task<IReadOnlyList<KlFault>> ListAsync(Func<Machine, bool> isWanted, IProgress<LabEvent> events, CancellationToken stop)
    {
        var wanted = await machines(stop).Where(isWanted).ToListAsync(stop);
        var cuts = (await CutsAsync(stop)).Select(one => Crash(one.Cut))
            .Where(crash => wanted.Exists(one => one.Name == crash.Machine && one.Lab == crash.Lab)).ToList();
        var asked = wanted.Where(one => one.State is not ("Stopped" or "Incomplete")
            && !cuts.Exists(crash => crash.Machine == one.Name && crash.Lab == one.Lab)).ToList();
        return [.. cuts, .. (await Fleet.AllAsync(asked, (machine, token) => ListAsync(machine, events, token), 16, stop)).SelectMany(one => one)];
    }

    // The process that restores the power can have been killed. Then the next command restores it.
    private async Task<List<(IPowerCuts Power, PowerCut Cut)>> CutsAsync(CancellationToken stop)
    {
        var all = new List<(IPowerCuts, PowerCut)>();
        foreach (var power in providers.OfType<IPowerCuts>())
            try
            {
                foreach (var cut in await power.ListCutsAsync(stop))
                    if (cut.Ends < clock.GetUtcNow() - CutTolerance)
                        await power.RestoreAsync(cut, stop);
                    else
                        all.Add((power, cut));
            }
            catch (KlException error) when (error.Kind is KlErrorKind.NotInstalled or KlErrorKind.Unreachable)
            {
                // A provider that does not answer has no machines in the list either.
            }
        return all;
    }

    private static KlFault Crash(PowerCut cut) => new()
    {
        Id = cut.Id,
        Kind = FaultKind.NodeCrash,
        Target = cut.Machine,
        Machine = cut.Machine,
        Lab = cut.Lab,
        Started = cut.Started,
        Ends = cut.Ends,
        State = FaultState.Active,
    };

    private async Task BeginAsync(KlFault fault, FaultRequest request, FaultTarget target, IProgress<LabEvent> events, CancellationToken stop)
    {
        switch (request.Kind)
        {
            case FaultKind.PodKill:
                using (var api = kube.Open(target.Cluster))
                    await api.KillPodAsync(target.Pod!, stop);
                events.Changed(target.Name, "deleted without a grace period");
                break;
            case FaultKind.ContainerKill:
                await _onMachines.KillAsync(target.Machine!, FaultContainer.IdOf(target.Pod!, request.Container), events, stop);
                break;
            case FaultKind.NodeCrash when ProviderOf(target.Machine!) is IPowerCuts power:
                await power.CutAsync(target.Machine!, new(fault.Id, fault.Machine!, fault.Lab!, fault.Started, fault.Ends), stop);
                events.Changed(target.Name, "power cut");
                break;
            default:
                await _onMachines.StartAsync(fault, target.Machine!, FaultSettings.Of(request, target), events, stop);
                break;
        }
    }

    private IMachineProvider ProviderOf(Machine machine) => providers.First(one => one.Name == machine.Provider);

    private async Task<IReadOnlyList<KlFault>> ListAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (active, problem) = await TryListAsync(machine, stop);
        if (active is not null)
            return active;
        var known = journal.Active.Where(one => one.Machine == machine.Name && one.Lab == machine.Lab).ToList();
        if (known.Count == 0)
            events.Warning(machine.Name, $"its faults are not known: {problem}");
        return [.. known.Select(one => one with { State = FaultState.Unknown })];
    }

    private IHost? ConsoleOf(Machine machine) => (ProviderOf(machine) as IMachineConsole)?.OpenConsole(machine);

    // A machine that does not answer has no list, but a problem.
    private async Task<(IReadOnlyList<KlFault>? Active, string Problem)> TryListAsync(Machine machine, CancellationToken stop)
    {
        try
        {
            return (await _onMachines.ListAsync(machine, ConsoleOf(machine), stop), "");
        }
        catch (KlException error)
        {
            return (null, error.Message);
        }
    }
}
