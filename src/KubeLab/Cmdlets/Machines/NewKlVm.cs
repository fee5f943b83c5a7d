using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Makes machines: containers of the local Docker engine by default. Machines that are there already are started if need be and returned as they are.</summary>
/// <remarks>Machines are called NAME-1 to NAME-Count. Each is written as soon as it answers over SSH.</remarks>
/// <example><summary>Four machines of a lab called kubernetes: kubernetes-1 to kubernetes-4.</summary><code>New-KlVm -Name kubernetes -Count 4</code></example>
/// <example><summary>A cluster of two nodes.</summary><code>New-KlVm demo -Count 2 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode</code></example>
[Cmdlet(VerbsCommon.New, "KlVm", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class NewKlVm : KlCmdlet
{
    private const int AtOnce = 16;

    /// <summary>The lab, and with -1, -2, ... the machines. A DNS label: small letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    /// <summary>How many machines the lab shall have at least; 1 where it is not given. Machines beyond it are left alone.</summary>
    [Parameter]
    [ValidateRange(1, 250)]
    public int Count { get; set; } = 1;

    /// <summary>Where the machines come from; Docker where it is not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var wanted = Enumerable.Range(1, Count).Where(n => ShouldProcess($"{Name}-{n}", "New-KlVm")).ToList();
        if (wanted.Count > 0)
            Start(Name, (events, stop) => MakeAsync(wanted, events, stop));
    }

    private async Task MakeAsync(IReadOnlyList<int> wanted, IProgress<LabEvent> events, CancellationToken stop)
    {
        var provider = Engine.Provider(Provider);
        var specs = wanted.Select(n => new MachineSpec(Name, LabName.Machine(Name, n)));
        // A provider that does not answer says so here, once and not for each machine.
        await foreach (var _ in provider.ListAsync(Name, stop))
        {
        }
        var told = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
        await foreach (var (spec, machine, error) in Fleet.RunAsync(specs, (spec, token) => provider.CreateAsync(spec, events, token), AtOnce, stop))
            if (error is null)
                Write(machine);
            // What keeps all of them from being made is said once.
            else if (told.Add(error))
                Fail(spec.Name, error);
    }
}
