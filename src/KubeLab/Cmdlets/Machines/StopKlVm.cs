using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Shuts down machines in parallel.</summary>
/// <remarks>The machines keep their disks and addresses. A cloud may continue to charge for them.</remarks>
/// <example>Stop a lab
/// <code>Stop-KlVm kubernetes</code></example>
[Cmdlet(VerbsLifecycle.Stop, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class StopKlVm : MachineCmdlet
{
    /// <inheritdoc/>
    protected override bool IsSelected(Machine vm) => ShouldProcess(vm.Name, "Stop-KlVm");

    /// <inheritdoc/>
    protected override Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop) =>
        Engine.Provider(vm.Provider).PowerAsync(vm, PowerAction.Stop, events, stop);
}
