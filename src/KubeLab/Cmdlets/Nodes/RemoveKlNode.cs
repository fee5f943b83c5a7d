using System.Management.Automation;
using KubeLab.Engine.Nodes;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Removes nodes from their cluster and cleans their machines.</summary>
/// <remarks>Drains the node as Suspend-KlNode does, removes its etcd member if it is one of several control planes, runs kubeadm reset and deletes the node.
/// Then removes what kubeadm reset leaves: pods, the configuration, network devices and firewall rules of the pod network, certificates and kubeconfig files.
/// Packages, images and everything that the cluster did not create stay, so the machine can join another cluster. Data of volumes in folders of the machine
/// is moved to /var/lib/kubelab/volumes-CLUSTER-TIME. Run it again after an interruption: it continues.
/// The only control plane is not removed; Reset-KlCluster removes the whole cluster.</remarks>
/// <example>Remove a node
/// <code>Get-KlNode kubernetes-6 | Remove-KlNode</code></example>
/// <example>Move a node to another cluster
/// <code>
/// $machine = Remove-KlNode kubernetes-6 -PassThru -Confirm:$false
/// Get-KlCluster other | Join-KlNode -Vm $machine</code></example>
/// <example>Delete the node of a machine that is lost
/// <code>Remove-KlNode kubernetes-6 -Force</code></example>
[Cmdlet(VerbsCommon.Remove, "KlNode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Machine))]
public sealed class RemoveKlNode : DrainCmdlet
{
    private readonly List<(string? Cluster, string Name)> _nodes = [];

    /// <summary>Also evicts pods without a controller and pods with data in emptyDir volumes, and removes a node whose volumes no other node has. If the
    /// machine does not respond or is unknown, deletes only the node object, and a warning reports that the machine was not cleaned.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns the machines that were cleaned.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ShouldProcess(Name, "Drain the node, reset its machine and delete the node"))
            _nodes.Add((Cluster, Name));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var options = new NodeRemovalOptions(Force, Timeout);
        Action<Machine> removed = PassThru ? Write : _ => { };
        foreach (var nodes in _nodes.Distinct().GroupBy(node => node.Cluster))
        {
            string[] names = [.. nodes.Select(node => node.Name)];
            Start(string.Join(", ", names), (events, stop) => Engine.NodeRemoval.RemoveAsync(
                nodes.Key, names, options, removed, Fail, events, stop));
        }
        base.EndProcessing();
    }
}
