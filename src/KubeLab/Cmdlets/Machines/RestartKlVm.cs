using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Restarts machines in parallel and starts those that are stopped.</summary>
/// <example>Restart a machine and wait until it is available
/// <code>Get-KlVm kubernetes-4 | Restart-KlVm | Wait-KlVm</code></example>
[Cmdlet(VerbsLifecycle.Restart, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class RestartKlVm : MachineCmdlet
{
    /// <inheritdoc/>
    protected override bool IsSelected(Machine vm) => ShouldProcess(vm.Name, "Restart-KlVm");

    /// <inheritdoc/>
    protected override Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop) =>
        Engine.Provider(vm.Provider).PowerAsync(vm, PowerAction.Restart, events, stop);
}
