using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Checks whether a cluster works.</summary>
/// <remarks>Checks the services, clock and disk of each machine, the API servers and etcd, the nodes, the pods in kube-system, and the registry. Then runs
/// a pod without privileges on each node, and connects from it to the pods on all other nodes, to a service, to a node port of each node and to the
/// cluster's DNS. The pods run in a namespace of their own, which is deleted afterwards, and use an image that every node has. NextStep says what to do
/// about a failed check.</remarks>
/// <example>Check a cluster
/// <code>Test-KlCluster kubernetes</code></example>
/// <example>Show what does not work, and what to do
/// <code>Get-KlCluster | Test-KlCluster | Where-Object Status -ne Passed | Format-List</code></example>
/// <example>Stop a pipeline if a cluster does not work
/// <code>if (-not (Test-KlCluster kubernetes -Quiet)) { exit 1 }</code></example>
[Cmdlet(VerbsDiagnostic.Test, "KlCluster", DefaultParameterSetName = "Name")]
[OutputType(typeof(KlCheck), typeof(bool))]
public sealed class TestKlCluster : SelectedClusterCmdlet
{
    private int _failed;

    /// <summary>Creates nothing in the cluster, so that connections are not checked.</summary>
    [Parameter]
    public SwitchParameter SkipConnections { get; set; }

    /// <summary>Returns only whether no check failed. A check with a warning, or that is unknown, has not failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var cluster in Cluster)
            Test(cluster, (_, _) => Task.FromResult<IReadOnlyList<KlCluster>>([cluster]));
        foreach (var name in Name)
            Test(name, (events, stop) => FindAsync(name, events, stop));
    }

    private void Test(object target, Func<IProgress<LabEvent>, CancellationToken, Task<IReadOnlyList<KlCluster>>> find) =>
        Start(target, async (events, stop) =>
        {
            // Until it is complete.
            Interlocked.Increment(ref _failed);
            var all = await Task.WhenAll((await find(events, stop)).Select(cluster => Engine.Health.TestAsync(cluster, !SkipConnections, events, stop)));
            if (all.SelectMany(checks => checks).All(check => check.Status != KlCheckStatus.Failed))
                Interlocked.Decrement(ref _failed);
            if (!Quiet)
                foreach (var checks in all)
                    Write(checks);
        });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (Quiet)
            WriteObject(_failed == 0);
    }
}
