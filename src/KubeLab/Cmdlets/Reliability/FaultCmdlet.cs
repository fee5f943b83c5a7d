using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Base class of cmdlets that find active faults.</summary>
public abstract class FaultCmdlet : KlCmdlet
{
    /// <summary>The kinds of faults. Default: all kinds.</summary>
    [Parameter(Position = 0)]
    public FaultKind[] Kind { get; set; } = [];

    /// <summary>Names of targets, such as a machine or NAMESPACE/POD. Wildcards are permitted. Default: all targets.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Target { get; set; } = ["*"];

    /// <summary>Names of labs. Wildcards are permitted. Default: all labs.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(Machines.MachineCompleter))]
    public string[] Lab { get; set; } = ["*"];

    /// <summary>Whether a fault is selected.</summary>
    private protected bool IsSelected(KlFault fault) => (Kind.Length == 0 || Kind.Contains(fault.Kind))
        && Target.Any(name => NameCompletion.Matching(name)(fault.Target) || NameCompletion.Matching(name)(fault.Target.Split('/')[^1]));

    /// <summary>Whether the machines of the lab are asked.</summary>
    private protected bool IsAsked(Machine machine) => Lab.Any(name => NameCompletion.Matching(name)(machine.Lab));
}
