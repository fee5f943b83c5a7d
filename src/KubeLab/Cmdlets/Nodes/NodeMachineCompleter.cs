using KubeLab.Engine;
using KubeLab.Engine.Machines;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Completes the names of the machines that are or can become nodes. Their API server may be down.</summary>
public sealed class NodeMachineCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        (await LabEngine.Shared.MachinesAsync(null, stop).ToListAsync(stop)).Where(one => one.Name != LabName.LoadBalancer(one.Lab)).Select(one => one.Name);
}
