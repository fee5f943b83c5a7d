using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Finds problems in clusters.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>Checks the machines and APIs of clusters, reports each problem as a warning and returns the clusters with their problems.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="events">Receives the warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<IReadOnlyList<KlCluster>> ExamineAsync(IReadOnlyList<KlCluster> clusters, IProgress<LabEvent> events, CancellationToken stop) =>
        Fleet.AllAsync(clusters, async (cluster, token) =>
        {
            var missing = cluster.Version is null ? Task.FromResult<string[]>([]) : CheckObjectsAsync(cluster, token);
            var machines = await Fleet.AllAsync(cluster.Machines, CheckMachineAsync, 16, token);
            var examined = cluster with { Problems = [.. cluster.Problems.Concat(machines.SelectMany(one => one)).Concat(await missing)] };
            foreach (var problem in examined.Problems)
                events.Warning(cluster.Name, problem);
            return examined;
        }, 8, stop);

    private async Task<string[]> CheckObjectsAsync(KlCluster cluster, CancellationToken stop)
    {
        using var api = _access.Open(cluster.Name);
        return await WithTimeoutAsync(async token =>
        {
            var missing = await api.MissingAsync(cluster.Version!, token);
            return missing.Count == 0 ? [] : [$"missing: {string.Join(", ", missing.Select(one => one.Name))}"];
        }, "could not check for missing objects", stop);
    }

    private async Task<string[]> CheckMachineAsync(Machine machine, CancellationToken stop)
    {
        if (machine.State != "Running")
            return [$"{machine} is {machine.State}"];
        await using var host = _hosts.Open(machine.Name, machine.Ssh);
        return await WithTimeoutAsync(async token =>
        {
            // Steps and warnings are not shown, because nothing is changed.
            var facts = new NodeFacts(await NodeScript.RunAsync(
                host, "facts", new Dictionary<string, string?>(), NodeErrors.Known, ErrorIds.FactsFailed, new Progress<LabEvent>(), token));
            return ProblemsOf(machine, facts).ToArray();
        }, $"could not check the services of {machine}", stop);
    }

    private IEnumerable<string> ProblemsOf(Machine machine, NodeFacts facts)
    {
        if (facts.Stopped.Count > 0)
            yield return $"{machine}: not running: {string.Join(", ", facts.Stopped)}";
        if (facts.CertificatesExpire is { } end && end - _clock.GetUtcNow() is var left && left < RenewBefore)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{machine}: a certificate of kubeadm {(left < TimeSpan.Zero ? "expired" : "expires")} on {end:yyyy-MM-dd}");
    }

    private async Task<string[]> WithTimeoutAsync(Func<CancellationToken, Task<string[]>> check, string failure, CancellationToken stop)
    {
        using var timeout = new TimeLimit(CheckTimeout, _clock, stop);
        try
        {
            return await check(timeout.Token);
        }
        catch (KlException error)
        {
            return [$"{failure}: {error.Message}"];
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return [$"{failure}: no response within {CheckTimeout.TotalSeconds:0} s"];
        }
    }
}
