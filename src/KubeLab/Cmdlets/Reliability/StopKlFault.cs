using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Ends faults before their time.</summary>
/// <remarks>A fault that has ended already is not an error.</remarks>
/// <example>End all faults
/// <code>Stop-KlFault</code></example>
/// <example>End a fault that was started in this session
/// <code>
/// $fault = Get-KlNode kubernetes-2 | Start-KlFault NetworkLoss -Percent 30 -For 10m
/// $fault | Stop-KlFault</code></example>
[Cmdlet(VerbsLifecycle.Stop, "KlFault", SupportsShouldProcess = true)]
[OutputType(typeof(KlFault))]
public sealed class StopKlFault : FaultCmdlet
{
    /// <summary>The faults. Default: all active faults that the other parameters select.</summary>
    [Parameter(ValueFromPipeline = true)]
    public KlFault? Fault { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Fault is { } fault)
        {
            if (ShouldProcess(fault.Target, $"End {fault.Kind} {fault.Id}"))
                Start(fault.Target, (events, stop) => Engine.Faults.StopAsync(fault, events, stop));
            return;
        }
        if (!MyInvocation.ExpectingInput)
            Start("faults", StopAllAsync);
    }

    private async Task StopAllAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var active = await Engine.Faults.ListAsync(IsAsked, events, stop);
        // ShouldProcess must be called on the pipeline's thread.
        var selected = new TaskCompletionSource<KlFault[]>();
        Post(() => selected.SetResult([.. active.Where(IsSelected).Where(one => ShouldProcess(one.Target, $"End {one.Kind} {one.Id}"))]));
        await foreach (var (one, ended, error) in Fleet.RunAsync(
            await selected.Task.WaitAsync(stop), (fault, token) => Engine.Faults.StopAsync(fault, events, token), 16, stop))
            if (error is null)
                Write(ended);
            else
                Fail(one.Target, error);
    }
}
