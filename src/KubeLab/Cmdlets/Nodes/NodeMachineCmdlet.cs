using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Nodes;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Base class of cmdlets that work on the machines of nodes, over SSH, and so need no API server.</summary>
public abstract class NodeMachineCmdlet : KlCmdlet
{
    private const int Parallelism = 64;

    private readonly List<NodeTarget> _targets = [];

    /// <summary>Names of nodes. Wildcards are permitted. Default: all nodes of the cluster.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeMachineCompleter))]
    public string[] Name { get; set => field = value is null ? ["*"] : value; } = ["*"];

    /// <summary>The name of a KubeLab cluster. Default: with names of nodes, any cluster; otherwise that of the current context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A cluster, a node, a machine, or an object on a node, such as a pod: the output of Get-KlCluster, Get-KlNode, Get-KlVm or Get-KlPod.</summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(NodeMachineCompleter))]
    public PSObject? For { get; set; }

    /// <summary>Performs the action on all machines.</summary>
    private protected abstract Task RunAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // An empty variable does not mean all nodes.
        if (For is null && MyInvocation.ExpectingInput)
            return;
        try
        {
            _targets.AddRange(Targets(Cluster, Name, For));
        }
        catch (KlException error)
        {
            Fail(error.Target, error);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_targets.Count > 0)
            Start(string.Join(", ", _targets), async (events, stop) =>
                await RunAsync(await Engine.NodeTargets.FindAsync(_targets, Fail, events, stop), events, stop));
        base.EndProcessing();
    }

    /// <summary>Performs the action on each machine, all at once. An error of one machine does not stop the others.</summary>
    private protected async Task RunEachAsync(IReadOnlyList<Machine> machines, Func<Machine, CancellationToken, Task> action, CancellationToken stop)
    {
        await foreach (var (machine, _, error) in Fleet.RunAsync(machines, async (one, token) =>
        {
            await action(one, token);
            return true;
        }, Parallelism, stop))
            if (error is not null)
                Fail(machine.Name, error);
    }

    private static List<NodeTarget> Targets(string? cluster, string[] names, PSObject? input)
    {
        var given = PipelineInput.Of(input);
        if (input is null || given.Cluster is not null)
            return [.. names.Select(name => Target(name) with { Cluster = given.Cluster ?? cluster, Machines = (input?.BaseObject as KlCluster)?.Machines })];
        if (input.BaseObject is Machine machine)
            return [new() { Machines = [machine] }];
        var isOnNode = input.BaseObject is not string && input.Properties["Node"] is not null;
        if ((isOnNode ? Text(input, "Node") : given.IsA("Node") ? given.Name : null) is not { Length: > 0 } node)
            throw new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, $"{input}", $"'{input}' does not name a node.",
                "Pipe a cluster, a node, a machine, or an object that is on a node.");
        // These were read from a machine of this name.
        var isOfMachine = input.BaseObject is KlCertificate or KlContainer or KlNodeLogLine;
        return [Target(node) with { Cluster = isOfMachine ? null : cluster, Address = isOnNode ? null : Text(input, "InternalIP") }];
    }

    private static NodeTarget Target(string name) => string.IsNullOrWhiteSpace(name)
        ? throw new KlException(ErrorIds.NameInvalid, KlErrorKind.InvalidInput, name, "A name is empty.", "Specify a name, or * for all nodes.")
        : new()
        {
            Name = name == "*" ? null : KindName.Of("Node", name),
            Matches = NameCompletion.Matching(KindName.Of("Node", name)),
            IsPattern = WildcardPattern.ContainsWildcardCharacters(name),
        };

    private static string? Text(PSObject given, string name) =>
        given.Properties[name]?.Value switch { PSObject wrapped => wrapped.BaseObject as string, var value => value as string };
}
