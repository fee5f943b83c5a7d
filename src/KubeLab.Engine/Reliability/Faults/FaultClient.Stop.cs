using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Reliability.Faults;

public sealed partial class FaultClient
{
    // After a cancellation. The provider of a machine can take longer.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

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
        try
        {
            if (await _onMachines.EndAsync(machine, ConsoleOf(machine), fault.Id, events, stop))
                throw new KlException(ErrorIds.FaultFailed, KlErrorKind.Failed, fault.Machine, $"{fault.Machine}: the fault {fault.Id} could not be ended.",
                    "Restart the machine: no fault survives a restart.");
        }
        catch (KlException error) when (error.Kind == KlErrorKind.Unreachable && fault.Kind is FaultKind.NodeCrash or FaultKind.NodePause
            && ProviderOf(machine) is IHardReset)
        {
            await ((IHardReset)ProviderOf(machine)).ResetAsync(machine, events, stop);
        }
        return End(fault);
    }

    /// <summary>Ends the faults that this process has started since a time and that are still active.</summary>
    public Task StopSinceAsync(DateTimeOffset time, IProgress<LabEvent> events) =>
        StopAllAsync(journal.Active.Where(fault => fault.Started >= time), events);

    /// <summary>Ends those of the faults that are still active, after a cancellation.</summary>
    /// <param name="ids">Identifiers of faults that this process started.</param>
    /// <param name="events">Receives warnings.</param>
    internal Task StopAllAsync(IEnumerable<string> ids, IProgress<LabEvent> events)
    {
        var now = clock.GetUtcNow();
        return StopAllAsync(journal.Active.Where(fault => ids.Contains(fault.Id) && fault.Ends > now), events);
    }

    /// <summary>Ends faults within a few seconds, after a cancellation. A fault that cannot be ended is reported as a warning. It ends by itself.</summary>
    private async Task StopAllAsync(IEnumerable<KlFault> faults, IProgress<LabEvent> events)
    {
        await foreach (var (fault, _, error) in Fleet.RunAsync(faults, StopAsync, 16, CancellationToken.None))
            if (error is not null)
                events.Warning(fault.Target, $"the fault {fault.Id} may be active until {fault.Ends.ToLocalTime():HH:mm:ss}: {error.Message}");

        async Task<KlFault> StopAsync(KlFault fault, CancellationToken stop)
        {
            using var timeout = new CancellationTokenSource(StopTimeout, clock);
            return await this.StopAsync(fault, events, timeout.Token);
        }
    }

    private KlFault End(KlFault fault)
    {
        var now = clock.GetUtcNow();
        // A machine that crashed was asked later, when it answered again.
        fault = fault with { Ended = fault.Kind == FaultKind.NodeCrash && now > fault.Ends ? fault.Ends : now, State = FaultState.Ended };
        journal.Set(fault);
        return fault;
    }
}
