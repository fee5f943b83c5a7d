using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>
/// <para type="synopsis">Removes machines, all at once.</para>
/// <para type="description">A worker leaves its cluster first. With its control plane a cluster goes, and its context in your kubeconfig.
/// Hosts you own are forgotten, and nothing on them is touched.</para>
/// </summary>
/// <example>
/// <para>A whole lab, without being asked</para>
/// <code>Remove-KlVm kubernetes -Confirm:$false</code>
/// </example>
/// <example>
/// <para>One worker</para>
/// <code>Get-KlVm kubernetes-4 | Remove-KlVm</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "KlVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveKlVm : KlCmdlet
{
    private readonly List<Machine> _machines = [];
    private readonly List<string> _names = [];

    /// <summary><para type="description">Names of machines or of labs, with wildcards.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary><para type="description">The machines.</para></summary>
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
            // Questions are asked on the pipeline's thread.
            var wanted = new TaskCompletionSource<Machine[]>();
            Post(() => wanted.SetResult([.. Chosen(all).Where(machine => ShouldProcess(machine.Name, "Remove machine"))]));
            await clusters.RemoveAsync(await wanted.Task.WaitAsync(stop), events, Fail, stop);
        });
        base.EndProcessing();
    }

    private IEnumerable<Machine> Chosen(IReadOnlyList<Machine> all)
    {
        foreach (var name in _names)
        {
            var chosen = all.Where(machine => NameCompletion.Matching(name)(machine.Name) || NameCompletion.Matching(name)(machine.Lab)).ToList();
            if (chosen.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"There is no machine or lab {name}.", "Get-KlVm lists those there are."));
            _machines.AddRange(chosen);
        }
        return _machines.DistinctBy(machine => (machine.Provider, machine.Id));
    }
}
