using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Nodes.Containers;

/// <summary>Lists the containers on the machines of nodes, also while the API server is down.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class NodeContainers(IHostPool hosts, TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly MachineScripts _scripts = new(hosts, clock);

    /// <summary>Lists the containers on the machine of a node, also those that have exited.</summary>
    /// <exception cref="KlException">ContainersUnreadable, NodeMachineUnreachable, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyList<KlContainer>> ListAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var reader = new ContainerReader();
        await _scripts.RunAsync(
            machine, "containers", new Dictionary<string, string?>(), ErrorIds.ContainersUnreadable, Limit, events, stop, reader.Take);
        return reader.Read(machine.Name, clock.GetUtcNow());
    }
}
