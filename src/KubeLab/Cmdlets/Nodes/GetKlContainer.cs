using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Gets the containers on nodes from their container runtime.</summary>
/// <remarks>Runs crictl ps --all on the machines over SSH. Shows containers of every state, also while the API server is down, and those that no API server
/// knows. Get-KlNodeLog shows their logs.</remarks>
/// <example>Get the containers of a control plane whose API server does not respond
/// <code>Get-KlVm kubernetes-1 | Get-KlContainer</code></example>
/// <example>Find containers that have exited
/// <code>Get-KlCluster kubernetes | Get-KlContainer | Where-Object State -eq Exited</code></example>
[Cmdlet(VerbsCommon.Get, "KlContainer")]
[OutputType(typeof(KlContainer))]
public sealed class GetKlContainer : NodeMachineCmdlet
{
    private protected override Task RunAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop) =>
        RunEachAsync(machines, async (machine, token) => Write(await Engine.Containers.ListAsync(machine, events, token)), stop);
}
