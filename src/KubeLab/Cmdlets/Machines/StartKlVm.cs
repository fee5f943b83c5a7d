using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Starts machines in parallel.</summary>
/// <remarks>Running machines are not changed.</remarks>
/// <example>Start a lab and wait until its machines are available
/// <code>Get-KlVm kubernetes | Start-KlVm | Wait-KlVm</code></example>
[Cmdlet(VerbsLifecycle.Start, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class StartKlVm : MachineCmdlet
{
    /// <inheritdoc/>
    protected override bool IsSelected(Machine vm) => ShouldProcess(vm.Name, "Start-KlVm");

    /// <inheritdoc/>
    protected override Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop) =>
        Engine.Provider(vm.Provider).PowerAsync(vm, PowerAction.Start, events, stop);
}
