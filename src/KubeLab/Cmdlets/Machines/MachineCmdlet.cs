using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Base class of cmdlets that perform the same action on each machine.</summary>
public abstract class MachineCmdlet : KlCmdlet
{
    /// <summary>Names of machines or labs. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Vm")]
    public Machine[] Vm { get; set; } = [];

    /// <summary>Performs the action and returns the machine in its new state.</summary>
    protected abstract Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Whether the action applies to the machine and the user confirms it.</summary>
    protected abstract bool IsSelected(Machine vm);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var vm in Vm)
            if (IsSelected(vm))
                Start(vm.Name, (events, stop) => WorkAsync(vm, events, stop));
        var names = Name;
        if (names.Length > 0)
            Start(string.Join(", ", names), async (events, stop) =>
            {
                var all = await Engine.MachinesAsync(null, stop).ToListAsync(stop);
                foreach (var name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)
                    && !all.Exists(vm => NameCompletion.Matching(name)(vm.Name) || NameCompletion.Matching(name)(vm.Lab))))
                    Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"Machine or lab '{name}' was not found.",
                        "Run Get-KlVm to list machines."));
                // ShouldProcess must be called on the pipeline's thread.
                var selected = new TaskCompletionSource<Machine[]>();
                Post(() => selected.SetResult([.. all.Where(vm => names.Any(name =>
                    NameCompletion.Matching(name)(vm.Name) || NameCompletion.Matching(name)(vm.Lab))).Where(IsSelected)]));
                await foreach (var (vm, now, error) in Fleet.RunAsync(await selected.Task.WaitAsync(stop), (vm, token) => WorkAsync(vm, events, token), 64,
                    stop))
                    if (error is null)
                        Write(now);
                    else
                        Fail(vm.Name, error);
            });
    }
}
