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
/// <param name="journal">The faults that this process started.</param>
/// <param name="clock">The clock.</param>
public sealed partial class FaultClient(KubeSession kube, IHostPool hosts, IReadOnlyList<IMachineProvider> providers,
    Func<CancellationToken, IAsyncEnumerable<Machine>> machines, FaultJournal journal, TimeProvider clock)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private readonly MachineFaults _onMachines = new(hosts, clock);

    /// <summary>Finds what a fault would concern, and checks that it can be started. Changes nothing.</summary>
    /// <exception cref="KlException">FaultParameterInvalid, FaultTargetInvalid, FaultNeedsMachine, FaultUnsupported, FaultTargetGone, and the errors of
    /// machines and clusters.</exception>
    public async Task<IReadOnlyList<FaultTarget>> PlanAsync(FaultRequest request, FaultInput input, CancellationToken stop)
    {
        FaultRules.Check(request);
        return Plan(request, await FindAsync(input, stop));
    }

    /// <summary>Checks that a fault can be started on targets. Changes nothing.</summary>
    /// <exception cref="KlException">FaultParameterInvalid, FaultTargetInvalid, FaultNeedsMachine, FaultUnsupported.</exception>
    public static IReadOnlyList<FaultTarget> Plan(FaultRequest request, IReadOnlyList<FaultTarget> targets)
    {
        FaultRules.Check(request);
        foreach (var target in targets)
            FaultRules.Check(request, target);
        return targets;
    }

    /// <summary>Finds the pods and machines of an input.</summary>
    /// <exception cref="KlException">NodeNotFound, PodNotFound, ResourceNotFound, and the errors of machines and clusters.</exception>
    public Task<IReadOnlyList<FaultTarget>> FindAsync(FaultInput input, CancellationToken stop) => new FaultTargets(kube, machines).FindAsync(input, stop);

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

    /// <summary>Ends a fault now. Does nothing if it has ended.</summary>
    /// <exception cref="KlException">MachineNotFound, FaultFailed, and the errors of machines.</exception>
    public async Task<KlFault> StopAsync(KlFault fault, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (fault.State == FaultState.Ended || fault.Machine is null)
            return fault;
        if ((await CutsAsync(stop)).Find(one => one.Cut.Id == fault.Id) is { Cut: { } cut, Power: var power })
        {
            await power.RestoreAsync(cut, stop);
            return End(fault);
        }
        var machine = await machines(stop).FirstOrDefaultAsync(one => one.Name == fault.Machine && one.Lab == fault.Lab, stop) ?? throw new KlException(
            ErrorIds.MachineNotFound, KlErrorKind.NotFound, fault.Machine, $"Machine '{fault.Machine}' was not found.");
        if ((await _onMachines.ListAsync(machine, [fault.Id], events, stop)).Any(one => one.Id == fault.Id))
            throw new KlException(ErrorIds.FaultFailed, KlErrorKind.Failed, fault.Machine, $"{fault.Machine}: the fault {fault.Id} could not be ended.",
                "Restart the machine: no fault survives a restart.");
        return End(fault);
    }

    /// <summary>Ends the faults that this process has started since a time and that are still active.</summary>
    public Task StopSinceAsync(DateTimeOffset time, IProgress<LabEvent> events) =>
        StopAllAsync(journal.Active.Where(fault => fault.Started >= time), events);

    /// <summary>Ends faults within a few seconds, after a cancellation. A fault that cannot be ended is reported as a warning. It ends by itself.</summary>
    public async Task StopAllAsync(IEnumerable<KlFault> faults, IProgress<LabEvent> events)
    {
        await foreach (var (fault, _, error) in Fleet.RunAsync(faults, StopAsync, 16, CancellationToken.None))
            if (error is not null)
                events.Warning(fault.Target, $"the fault {fault.Id} may be active until {fault.Ends.ToLocalTime():HH:mm:ss}: {error.Message}");

        async Task<KlFault> StopAsync(KlFault fault, CancellationToken stop)
        {
            using var timeout = new CancellationTokenSource(AnswerTimeout, clock);
            return await this.StopAsync(fault, events, timeout.Token);
        }
    }

    private KlFault End(KlFault fault)
    {
        fault = fault with { Ended = clock.GetUtcNow(), State = FaultState.Ended };
        journal.Set(fault);
        return fault;
    }

    private async Task<List<(IPowerCuts Power, PowerCut Cut)>> CutsAsync(CancellationToken stop)
    {
        var all = new List<(IPowerCuts, PowerCut)>();
        foreach (var power in providers.OfType<IPowerCuts>())
            try
            {
                all.AddRange((await power.ListCutsAsync(stop)).Select(cut => (power, cut)));
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

    // A machine that does not answer has no list, but a problem.
    private async Task<(IReadOnlyList<KlFault>? Active, string Problem)> TryListAsync(Machine machine, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return (await _onMachines.ListAsync(machine, [], new Progress<LabEvent>(), linked.Token), "");
        }
        catch (KlException error)
        {
            return (null, error.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, "it does not answer");
        }
    }
}
