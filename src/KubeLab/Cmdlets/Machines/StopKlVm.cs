using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Shuts machines down, all at once. They keep their disks and addresses, and in a cloud their price.</summary>
/// <example><summary>A whole lab.</summary><code>Stop-KlVm kubernetes</code></example>
[Cmdlet(VerbsLifecycle.Stop, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class StopKlVm : MachineCmdlet
{
    /// <inheritdoc/>
    protected override bool IsWanted(Machine vm) => ShouldProcess(vm.Name, "Stop-KlVm");

    /// <inheritdoc/>
    protected override Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop) =>
        Engine.Provider(vm.Provider).PowerAsync(vm, PowerAction.Stop, events, stop);
}
