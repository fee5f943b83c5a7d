using System.Collections.Concurrent;
using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Nodes.Logs;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Gets logs on the machines of nodes, also while the API server is down.</summary>
/// <remarks>Reads the journal and the files below /var/log/pods over SSH. Writes one record for each line; the lines of each log are in order. Use Get-KlLog to
/// read the logs of pods from the API server. If the SSH connection is lost, -Follow ends with an error.</remarks>
/// <example>Get the last lines of the kubelet's log on all nodes
/// <code>Get-KlCluster kubernetes | Get-KlNodeLog -Tail 20</code></example>
/// <example>Find out why the API server does not start
/// <code>Get-KlVm kubernetes-1 | Get-KlNodeLog -Source kube-apiserver, etcd -Tail 50</code></example>
/// <example>Follow the kernel's messages and show the time
/// <code>Get-KlNodeLog kubernetes-2 kernel -Follow -Since 10m | Format-Table -View Time</code></example>
/// <example>Get the logs of all containers of a pod from its node
/// <code>Get-KlPod web-0 | Get-KlNodeLog -Source default/web-0</code></example>
[Cmdlet(VerbsCommon.Get, "KlNodeLog")]
[OutputType(typeof(KlNodeLogLine))]
public sealed class GetKlNodeLog : NodeMachineCmdlet
{
    /// <summary>The logs: kernel; a systemd unit (kubelet, containerd or a name with the suffix .service); or containers: the name of a container,
    /// NAMESPACE/POD or NAMESPACE/POD/CONTAINER. Wildcards are permitted for containers. Default: kubelet.</summary>
    [Parameter(Position = 1)]
    [Alias("Unit")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NodeLogSourceCompleter))]
    public string[] Source { get; set; } = ["kubelet"];

    /// <summary>Waits for new lines until you press Ctrl+C.</summary>
    [Parameter]
    [Alias("f")]
    public SwitchParameter Follow { get; set; }

    /// <summary>Gets only lines newer than this, such as 90s or 5m.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Since { get; set; }

    /// <summary>The number of lines at the end of each log. Default: all lines.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    private protected override async Task RunAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop)
    {
        var query = new NodeLogQuery(Source) { Follow = Follow, Since = Since, Tail = Tail };
        var found = new ConcurrentDictionary<string, bool>();
        await RunEachAsync(machines, async (machine, token) =>
        {
            var missing = await Engine.NodeLogs.ReadAsync(machine, query, line => Write(line), events, token);
            foreach (var source in query.Sources)
                found.AddOrUpdate(source, !missing.Contains(source), (_, before) => before || !missing.Contains(source));
        }, stop);
        // Workers have no log of etcd, for example.
        foreach (var source in query.Sources.Where(source => found.TryGetValue(source, out var isFound) && !isFound).Distinct())
            Fail(source, new KlException(ErrorIds.NodeLogNotFound, KlErrorKind.NotFound, source,
                $"No container that matches '{source}' has a log on {string.Join(", ", machines)}.", "Run Get-KlContainer to list the containers of a node."));
    }
}
