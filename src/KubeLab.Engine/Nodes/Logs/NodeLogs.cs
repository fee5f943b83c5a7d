using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Nodes.Logs;

/// <summary>Reads logs on the machines of nodes, also while the API server is down.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class NodeLogs(IHostPool hosts, TimeProvider clock)
{
    private readonly MachineScripts _scripts = new(hosts, clock);

    /// <summary>Reads logs. The lines of each log are in order.</summary>
    /// <param name="machine">The machine of a node.</param>
    /// <param name="query">The lines to read.</param>
    /// <param name="write">Receives the lines.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The sources that no container of the machine matches.</returns>
    /// <exception cref="KlException">InputInvalid, NodeLogUnreadable, NodeMachineUnreachable, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyList<string>> ReadAsync(
        Machine machine, NodeLogQuery query, Action<KlNodeLogLine> write, IProgress<LabEvent> events, CancellationToken stop)
    {
        var reader = new NodeLogReader(machine.Name, query, write);
        await _scripts.RunAsync(machine, "nodelog", new Dictionary<string, string?>
        {
            ["SOURCES"] = query.Lines(),
            ["TAIL"] = query.Tail?.ToString(CultureInfo.InvariantCulture),
            ["SINCE"] = query.Seconds?.ToString(CultureInfo.InvariantCulture),
            ["FOLLOW"] = query.Follow ? "1" : null,
        }, ErrorIds.NodeLogUnreadable, null, events, stop, reader.Take);
        return [.. query.Sources.Where(source => reader.Missing.Contains(NodeLogQuery.Pattern(source) ?? ""))];
    }
}
