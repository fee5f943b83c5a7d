using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Removes machines in parallel.</summary>
/// <remarks>A worker is removed from its cluster first. Removing the control plane also removes the cluster and its kubeconfig context.
/// Hosts that you own are unregistered; nothing on them is changed.</remarks>
/// <example>Remove a lab without confirmation
/// <code>Remove-KlVm kubernetes -Confirm:$false</code></example>
/// <example>Remove one worker
/// <code>Get-KlVm kubernetes-4 | Remove-KlVm</code></example>
[Cmdlet(VerbsCommon.Remove, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveKlVm : KlCmdlet
{
    private readonly List<Machine> _machines = [];
    private readonly List<string> _names = [];

    /// <summary>Names of machines or labs. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Vm")]
    public Machine[] Vm { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _machines.AddRange(Vm);
        _names.AddRange(Name);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Start("machines", async (events, stop) =>
        {
            var clusters = Engine.Clusters;
            var all = _names.Count > 0 ? await clusters.MachinesAsync(events, stop) : [];
            // ShouldProcess must be called on the pipeline's thread.
            var selected = new TaskCompletionSource<Machine[]>();
            Post(() => selected.SetResult([.. Selected(all).Where(machine => ShouldProcess(machine.Name, "Remove machine"))]));
            await clusters.RemoveAsync(await selected.Task.WaitAsync(stop), events, Fail, stop);
        });
        base.EndProcessing();
    }

    private IEnumerable<Machine> Selected(IReadOnlyList<Machine> all)
    {
        foreach (var name in _names)
        {
            var matching = all.Where(machine => NameCompletion.Matching(name)(machine.Name) || NameCompletion.Matching(name)(machine.Lab)).ToList();
            if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"Machine or lab '{name}' was not found.",
                    "Run Get-KlVm to list machines."));
            _machines.AddRange(matching);
        }
        return _machines.DistinctBy(machine => (machine.Provider, machine.Id));
    }
}
