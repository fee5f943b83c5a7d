using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Waits until machines accept an SSH login.</summary>
/// <remarks>Writes each machine as soon as it is available. A changed host key or a rejected key is an error at once.</remarks>
/// <example>Wait for machines that were just restarted
/// <code>Restart-KlVm kubernetes | Wait-KlVm -Timeout 600</code></example>
[Cmdlet(VerbsLifecycle.Wait, "KlVm", DefaultParameterSetName = "Name")]
[OutputType(typeof(Machine))]
public sealed class WaitKlVm : MachineCmdlet
{
    /// <summary>The maximum time to wait, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override bool IsSelected(Machine vm) => true;

    /// <inheritdoc/>
    protected override async Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop)
    {
        await new Readiness(Engine.Hosts, Engine.Clock).WaitAsync(vm, Timeout, events, stop);
        return vm with { State = "Running" };
    }
}
