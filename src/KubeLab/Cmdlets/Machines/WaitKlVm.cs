using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Waits until machines let us in over SSH, and writes each as soon as it does.</summary>
/// <remarks>A machine that will never do so, because its host key is another or it refuses the key, is an error at once.</remarks>
/// <example><summary>Machines that were just restarted.</summary><code>Restart-KlVm kubernetes | Wait-KlVm -Timeout 600</code></example>
[Cmdlet(VerbsLifecycle.Wait, "KlVm", DefaultParameterSetName = "Name")]
[OutputType(typeof(Machine))]
public sealed class WaitKlVm : MachineCmdlet
{
    /// <summary>How long at most, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int Timeout { get; set; } = 300;

    /// <inheritdoc/>
    protected override bool IsWanted(Machine vm) => true;

    /// <inheritdoc/>
    protected override async Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop)
    {
        await new Readiness(Engine.Hosts, Engine.Clock).WaitAsync(vm, TimeSpan.FromSeconds(Timeout), events, stop);
        return vm with { State = "Running" };
    }
}
