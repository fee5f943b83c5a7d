using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>The base of cmdlets that do the same with each machine, given by name or down the pipeline.</summary>
public abstract class MachineCmdlet : KlCmdlet
{
    /// <summary>Names of machines or labs; wildcards are welcome.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Vm")]
    public Machine[] Vm { get; set; } = [];

    /// <summary>What is done with one; the machine as it is afterwards.</summary>
    protected abstract Task<Machine> WorkAsync(Machine vm, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Whether it shall be done.</summary>
    protected abstract bool IsWanted(Machine vm);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var vm in Vm)
            if (IsWanted(vm))
                Start(vm.Name, (events, stop) => WorkAsync(vm, events, stop));
        var names = Name;
        if (names.Length > 0)
            Start(string.Join(", ", names), async (events, stop) =>
            {
                var all = await Engine.MachinesAsync(null, stop).ToListAsync(stop);
                foreach (var name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && !all.Exists(vm => NameCompletion.Matching(name)(vm.Name) || NameCompletion.Matching(name)(vm.Lab))))
                    Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"There is no machine or lab {name}.", "Get-KlVm lists those there are."));
                // Questions are asked on the pipeline's thread.
                var wanted = new TaskCompletionSource<Machine[]>();
                Post(() => wanted.SetResult([.. all.Where(vm => names.Any(name => NameCompletion.Matching(name)(vm.Name) || NameCompletion.Matching(name)(vm.Lab))).Where(IsWanted)]));
                await foreach (var (vm, now, error) in Fleet.RunAsync(await wanted.Task.WaitAsync(stop), (vm, token) => WorkAsync(vm, events, token), 64, stop))
                    if (error is null)
                        Write(now);
                    else
                        Fail(vm.Name, error);
            });
    }
}
