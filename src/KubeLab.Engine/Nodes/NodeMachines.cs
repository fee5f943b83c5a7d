using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Nodes;

/// <summary>Finds the machines of nodes and reads their state.</summary>
internal sealed class NodeMachines(Kubeadm kubeadm, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>The machine of a node, or null if it is not one of <paramref name="machines"/>.</summary>
    // The name alone is not proof: another cluster can have a node of this name.
    public static Machine? Of(V1Node node, IEnumerable<Machine> machines) => machines.FirstOrDefault(machine => machine.Name == node.Metadata.Name
        && node.Status?.Addresses?.Any(one => one.Type == "InternalIP" && one.Address == machine.Address) == true);

    /// <summary>The machine of a Ready control plane other than a node, or null.</summary>
    public static Machine? ControlPlaneOf(IEnumerable<V1Node> nodes, IReadOnlyList<Machine> machines, string except) => nodes
        .Where(node => node.Metadata.Name != except && NodeState.HasControlPlaneLabel(node) && KlNode.IsReady(node))
        .Select(node => Of(node, machines)).FirstOrDefault(machine => machine is not null);

    /// <summary>Reads the state of a machine.</summary>
    /// <exception cref="KlException">NodeMachineUnreachable, with the reason.</exception>
    public async Task<NodeFacts> ReadAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (machine.State != "Running")
            throw Unreachable($"its machine is {machine.State}");
        using var timeout = new TimeLimit(Timeout, clock, stop);
        try
        {
            return await kubeadm.StateAsync(machine, events, timeout.Token);
        }
        catch (KlException error)
        {
            throw Unreachable(error.Message, error.NextStep, error);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw Unreachable($"its machine did not respond within {Timeout.TotalSeconds:0} s", null, error);
        }

        KlException Unreachable(string problem, string? nextStep = null, Exception? inner = null) => new(
            ErrorIds.NodeMachineUnreachable, KlErrorKind.Unreachable, machine.Name, problem, nextStep ?? "Start the machine.", inner);
    }
}
