using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>What is down in clusters.</summary>
public sealed partial class ClusterInventory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);

    /// <summary>Asks the clusters' machines and APIs what is down, warns of each thing, and returns the clusters with their problems.</summary>
    /// <param name="clusters">Which.</param>
    /// <param name="events">The warnings.</param>
    /// <param name="stop">Ends it.</param>
    public Task<IReadOnlyList<KlCluster>> ExamineAsync(IReadOnlyList<KlCluster> clusters, IProgress<LabEvent> events, CancellationToken stop) =>
        Fleet.AllAsync(clusters, async (cluster, token) =>
        {
            var missing = cluster.Version is null ? Task.FromResult("") : MissingAsync(cluster, token);
            var machines = await Fleet.AllAsync(cluster.Machines, StoppedAsync, 16, token);
            var examined = cluster with { Problems = [.. cluster.Problems.Concat(machines).Append(await missing).Where(one => one.Length > 0)] };
            foreach (var problem in examined.Problems)
                events.Warning(cluster.Name, problem);
            return examined;
        }, 8, stop);

    private async Task<string> MissingAsync(KlCluster cluster, CancellationToken stop)
    {
        using var api = _access.Open(cluster.Name);
        return await InTimeAsync(async token =>
        {
            var missing = await api.MissingAsync(cluster.Version!, token);
            return missing.Count == 0 ? "" : $"missing: {string.Join(", ", missing.Select(one => one.Name))}";
        }, "what is missing in it is not known", stop);
    }

    private async Task<string> StoppedAsync(Machine machine, CancellationToken stop)
    {
        if (machine.State != "Running")
            return $"{machine} is {machine.State}";
        await using var host = _hosts.Open(machine.Name, machine.Ssh);
        return await InTimeAsync(async token =>
        {
            // Its warnings and steps are for those who change the machine.
            var facts = new NodeFacts(await NodeScript.RunAsync(host, "facts", new Dictionary<string, string?>(), ErrorIds.FactsFailed, new Progress<LabEvent>(), token));
            return facts.Stopped.Count == 0 ? "" : $"{machine} does not run {string.Join(", ", facts.Stopped)}";
        }, $"{machine} cannot be asked what runs", stop);
    }

    private static async Task<string> InTimeAsync(Func<CancellationToken, Task<string>> ask, string otherwise, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(AnswerLimit);
        try
        {
            return await ask(patience.Token);
        }
        catch (KlException error)
        {
            return $"{otherwise}: {error.Message}";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"{otherwise}: no answer in {AnswerLimit.TotalSeconds:0} s";
        }
    }
}
