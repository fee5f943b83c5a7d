using System.Collections.Concurrent;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>The faults of one command. They are planned together, and they end when the command is cancelled.</summary>
/// <param name="faults">Starts and ends them.</param>
/// <param name="events">Receives progress.</param>
public sealed class FaultRun(FaultClient faults, IProgress<LabEvent> events)
{
    private readonly ConcurrentQueue<string> _started = new();
    private int _isComplete;

    /// <summary>Plans all faults, starts those that are confirmed, and can wait until their targets are healthy again.</summary>
    /// <param name="orders">What is asked for.</param>
    /// <param name="confirm">Returns the faults to start.</param>
    /// <param name="recovery">The maximum time from the end of a fault until its target is healthy, or null not to wait.</param>
    /// <param name="report">Receives the result or the error of each fault, and of each order that cannot be planned.</param>
    /// <param name="stop">Ends the faults that were started.</param>
    public async Task RunAsync(IReadOnlyList<FaultOrder> orders, Func<IReadOnlyList<PlannedFault>, Task<IReadOnlyList<PlannedFault>>> confirm,
        TimeSpan? recovery, Action<Outcome<string, KlFault>> report, CancellationToken stop)
    {
        try
        {
            var planned = new List<(int Order, PlannedFault Fault)>();
            await foreach (var (order, plan, error) in Fleet.RunAsync(orders.Index(), (one, token) => faults.PlanAsync(one.Item, token), 8, stop))
                if (error is null)
                    planned.AddRange(plan!.Select(fault => (order.Index, fault)));
                else
                    report(new(order.Item.Input.ToString(), null, error));
            var chosen = await confirm([.. planned.OrderBy(one => one.Order).Select(one => one.Fault)]);
            // All targets are looked at before the first fault, which can concern the others.
            var ready = new List<(PlannedFault Fault, FaultBaseline? Before)>();
            await foreach (var (fault, before, error) in Fleet.RunAsync(chosen, BaselineAsync, 8, stop))
                if (error is null)
                    ready.Add((fault, before));
                else
                    report(new(fault.Target.Name, null, error));
            await foreach (var (one, fault, error) in Fleet.RunAsync(ready, StartAsync, 32, stop))
                report(new(one.Fault.Target.Name, fault, error));
            Interlocked.Exchange(ref _isComplete, 1);
            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await faults.StopAllAsync(_started, events);
            throw;
        }

        async Task<FaultBaseline?> BaselineAsync(PlannedFault fault, CancellationToken token) =>
            recovery is null ? null : await faults.BaselineAsync(fault, token);

        async Task<KlFault> StartAsync((PlannedFault Fault, FaultBaseline? Before) one, CancellationToken token)
        {
            var fault = await faults.StartAsync(one.Fault.Request, one.Fault.Target, events, token);
            _started.Enqueue(fault.Id);
            return one.Before is null ? fault : await faults.WaitAsync(fault, one.Fault.Target, one.Before, recovery!.Value, events, token);
        }
    }

    /// <summary>Ends the faults of a run that had completed before it was cancelled. Otherwise the run ends them.</summary>
    public Task EndAsync() => Interlocked.CompareExchange(ref _isComplete, 0, 0) == 0 ? Task.CompletedTask : faults.StopAllAsync(_started, events);
}
