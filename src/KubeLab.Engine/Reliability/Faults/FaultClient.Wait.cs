using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Reliability.Faults;

public sealed partial class FaultClient
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500), EndTimeout = TimeSpan.FromMinutes(2);

    /// <summary>What a target is like before a fault.</summary>
    internal Task<FaultBaseline> BaselineAsync(PlannedFault fault, CancellationToken stop) => FaultBaseline.OfAsync(fault.Target,
        async token => fault is { Request.Kind: FaultKind.NodeCrash, Target.Machine: { } machine } && ProviderOf(machine) is not IPowerCuts
            ? (await _onMachines.HealthAsync(machine, token)).Boot : null, kube, stop);

    /// <summary>Waits until a fault has ended and its target is healthy again.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="target">Its target.</param>
    /// <param name="before">The target before the fault.</param>
    /// <param name="timeout">The maximum time from the end of the fault until the target is healthy.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the wait.</param>
    /// <returns>The fault with its end and the recovery time.</returns>
    /// <exception cref="KlException">FaultNotEnded, FaultRecoveryTimeout.</exception>
    internal async Task<KlFault> WaitAsync(
        KlFault fault, FaultTarget target, FaultBaseline before, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (fault.State == FaultState.Active)
        {
            await WaitForEndAsync(fault, target.Machine!, events, stop);
            var early = fault.Ends - (fault = End(fault)).Ended!.Value;
            if (early > TimeSpan.FromSeconds(1))
                events.Warning(target.Name, $"{fault.Kind} ended {early.TotalSeconds:0.0} s early");
        }
        if (fault.Kind == FaultKind.PodKill && FaultBaseline.ControllerOf(target.Pod!) is null)
        {
            events.Warning(target.Name, "no controller replaces the pod");
            return fault;
        }
        var recovery = new FaultRecovery(kube, _onMachines, fault.Kind, target, before);
        await Wait.UntilAsync(recovery.CheckAsync, problem => problem is null ? Verdict.Ready : Verdict.Pending(problem),
            new(target.Name, "the target to be healthy after the fault", timeout, Interval) { TimeoutId = ErrorIds.FaultRecoveryTimeout },
            clock, stop, problem => events.Step(target.Name, $"Waiting for recovery: {problem}"));
        fault = fault with { Recovery = clock.GetUtcNow() - fault.Ended!.Value };
        journal.Set(fault);
        return fault;
    }

    // The machine is asked, because the fault can end early. While it does not answer, its clock decides: it ends the fault by itself.
    private Task<bool?> WaitForEndAsync(KlFault fault, Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(fault.Target, $"{fault.Kind} until {fault.Ends.ToLocalTime():HH:mm:ss}");
        return Wait.UntilAsync(token => IsActiveAsync(fault, machine, token), active => active switch
        {
            false => Verdict.Ready,
            true => Verdict.Pending("it is still active."),
            // A machine that crashed has to boot before it answers. That belongs to its recovery.
            null when fault.Kind == FaultKind.NodeCrash && clock.GetUtcNow() >= fault.Ends => Verdict.Ready,
            null => Verdict.Pending("the machine does not answer."),
        }, new(fault.Target, $"the end of {fault.Kind}", fault.Ends - clock.GetUtcNow() + EndTimeout, Interval) { TimeoutId = ErrorIds.FaultNotEnded },
            clock, stop);
    }

    // Null if the machine does not answer.
    private async Task<bool?> IsActiveAsync(KlFault fault, Machine machine, CancellationToken stop)
    {
        if (fault.Kind == FaultKind.NodeCrash && (await CutsAsync(stop)).Exists(one => one.Cut.Id == fault.Id))
            return true;
        return (await TryListAsync(machine, stop)).Active?.Any(one => one.Id == fault.Id);
    }
}
