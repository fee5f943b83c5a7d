using System.Globalization;
using System.Runtime.CompilerServices;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Databases;

/// <summary>Creates, lists, changes and removes databases.</summary>
/// <param name="kube">Opens connections to clusters.</param>
/// <param name="registryOf">Finds the registry of a cluster by the name of the cluster.</param>
/// <param name="docker">The Docker engine, which builds images.</param>
/// <param name="hosts">Opens the machine of a registry.</param>
/// <param name="clock">The clock.</param>
public sealed partial class DatabaseClient(
    KubeSession kube, Func<string, IProgress<LabEvent>, CancellationToken, Task<KlRegistry>> registryOf, IDocker docker, IHostPool hosts, TimeProvider clock)
{
    private static readonly TimeSpan FormTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Creates a database and waits until all members are ready. Does nothing if it exists.</summary>
    /// <param name="spec">The desired database.</param>
    /// <param name="timeout">The maximum time to wait for the members.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DatabaseNameInvalid, DatabaseModeInvalid, DatabaseSizeInvalid, DatabaseNameTaken, DatabaseDataOther, DatabaseNodesTooFew,
    /// DatabaseFailed, DatabaseTimeout, DatabaseCommandFailed, NoNodeForVolume, and the errors of registries, docker and KubeApi.</exception>
    public async Task<KlDatabase> CreateAsync(DatabaseSpec spec, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(spec.Cluster);
        var plan = DatabasePlan.Of(spec, spec.Namespace ?? api.DefaultNamespace);
        events.Step(plan.Name, $"checking {plan.Engine}");
        var existing = await DatabaseChecks.CheckAsync(api, plan, stop);
        if (existing is null)
        {
            await DeploymentClient.EnsureNamespaceAsync(api, plan.Namespace, events, stop);
            var registry = await registryOf(api.Cluster, events, stop);
            var image = await new DatabaseImages(docker, hosts, clock).EnsureAsync(registry, plan.Profile.Image, events, stop);
            existing = await ApplyAsync(api, plan, image, events, stop);
        }
        var database = await WaitAsync(api, existing, timeout, events, stop);
        if (DatabaseLabels.ShardsOf(database.Object) is { } shards)
        {
            await new MemberCommand(api, plan.Namespace)
                .RunAsync(plan.FirstMember, FormTimeout, stop, "create", $"{shards}", $"{database.Members.Length / shards - 1}");
            // Replicas that copy the data of their primaries are not ready.
            database = await WaitAsync(api, database.Object, timeout, events, stop);
        }
        return database;
    }

    /// <summary>Lists the databases of a cluster with the state of their members.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="key">A key: of the shards, only the one that has it is returned. Null: all shards.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DatabaseModeInvalid (a key, and a database without shards), and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlDatabase> ListAsync(string? cluster, KubeScope scope, string? key, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        scope = scope with { Labels = string.IsNullOrEmpty(scope.Labels) ? DatabaseLabels.Selector : $"{DatabaseLabels.Selector},{scope.Labels}" };
        await foreach (var (set, _) in api.ListOrWatchAsync<V1StatefulSet>(scope, stop))
            if (DatabaseLabels.IsDatabase(set))
            {
                var database = await DatabaseStatus.ReadAsync(api, set, stop);
                yield return key is null ? database : database with { Shards = [.. DatabaseStatus.ShardsOf(database, key)] };
            }
    }

    /// <summary>Deletes a database and waits until its members are deleted. Its volumes and its password are kept, so that a database that is created
    /// again has the same data. Does nothing if the database does not exist.</summary>
    /// <exception cref="KlException">DatabaseNameTaken (it is not a database), RemovalTimeout, and the errors of KubeApi.</exception>
    public async Task RemoveAsync(string? cluster, string? ns, string name, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        ns ??= api.DefaultNamespace;
        var set = await api.FindAsync<V1StatefulSet>(name, ns, stop);
        if (set is not null && !DatabaseLabels.IsDatabase(set))
            throw DatabaseChecks.Taken(set);
        var own = new KubeSelector($"{ManagedLabels.NameLabel}={name},{DatabaseLabels.Selector}");
        foreach (var kind in (KubeKind[])[KubeKind.Of<V1Service>(), KubeKind.Of<V1ConfigMap>(), await api.KindAsync("PodDisruptionBudget", stop)])
            await foreach (var part in api.ListAsync(kind, ns, own, stop))
                await api.DeleteAsync(kind, ns, part.Name, "Background", stop);
        if (set is null || !await api.DeleteAsync<V1StatefulSet>(name, ns, stop))
            return;
        events.Changed(name, "database removed; its volumes and its password are kept");
        await RemovalWait.WaitAsync<V1Pod>(api, ns, KubeSelector.Of(set.Spec.Selector), name, timeout, clock, stop);
    }

    private static async Task<V1StatefulSet> ApplyAsync(KubeApi api, DatabasePlan plan, string image, IProgress<LabEvent> events, CancellationToken stop)
    {
        var manifest = new DatabaseManifest(plan);
        var hasClass = await Volumes.HasDefaultClassAsync(api, stop);
        await GeneratedSecrets.EnsureAsync(
            api, plan.Namespace, [new("DB_PASSWORD", plan.SecretName, DatabaseManifest.PasswordKey)], DatabaseLabels.Of(plan), events, stop);
        await PlaceAsync(api, plan, manifest, events, stop);
        var login = await PullSecret.EnsureAsync(api, plan.Namespace, image, events, stop);
        if (plan.HasChosenPrimary)
            await api.ApplyAsync(manifest.ConfigMap(plan.FirstMember), stop);
        await api.ApplyAsync(manifest.MembersService(), stop);
        await api.ApplyAsync(manifest.ClientService(plan.HasChosenPrimary ? plan.FirstMember : null), stop);
        await api.ApplyAsync(manifest.DisruptionBudget((await api.KindAsync("PodDisruptionBudget", stop)).ApiVersion), stop);
        var applied = await api.ApplyAsync(manifest.StatefulSet(image, login, hasClass), stop);
        events.Changed(plan.Name, string.Create(CultureInfo.InvariantCulture, $"{plan.Engine} created with {plan.Members} members"));
        return applied.Object;
    }

    // Members are on different nodes. With shards, several members share a node, but not the members of a shard.
    private static async Task PlaceAsync(KubeApi api, DatabasePlan plan, DatabaseManifest manifest, IProgress<LabEvent> events, CancellationToken stop)
    {
        var nodes = new List<string>();
        for (var ordinal = 0; ordinal < plan.Members; ordinal++)
        {
            var shard = plan.Shards is { } shards ? nodes.Where((_, other) => other % shards == ordinal % shards) : [];
            string[] avoid = [.. nodes, .. Enumerable.Repeat(shard, plan.Members).SelectMany(one => one)];
            if (await Volumes.EnsureAsync(api, plan.Namespace, manifest.Claim(ordinal), avoid, events, stop) is { } node)
                nodes.Add(node);
        }
        await Task.WhenAll(nodes.Select((_, ordinal) => Volumes.WaitForBindingAsync(api, plan.Namespace, manifest.Claim(ordinal), stop)));
    }

    // The members are ready, answer, and have a primary: a leader may be elected again on a busy machine.
    private async Task<KlDatabase> WaitAsync(KubeApi api, V1StatefulSet set, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (judge, ns) = (new DatabaseJudge(), set.Metadata.NamespaceProperty);
        await new PodWait(api, ns, set.Metadata.Name, judge, clock)
        {
            RetriesFailed = true, FailedId = ErrorIds.DatabaseFailed, TimeoutId = ErrorIds.DatabaseTimeout,
        }.RunAsync(token =>
        [
            PodWait.Observe(api.WatchAsync<V1StatefulSet>(ns, KubeSelector.Named(set.Metadata.Name), token), judge.Observe),
            PodWait.Observe(api.WatchAsync<V1Pod>(ns, KubeSelector.Of(set.Spec.Selector), token), judge.Observe),
        ], timeout, events, stop);
        return await Wait.UntilAsync(
            token => DatabaseStatus.ReadAsync(api, judge.Set!, token), DatabaseStatus.Judge,
            new(set.Metadata.Name, $"the members of {ns}/{set.Metadata.Name} to have a primary", FormTimeout, TimeSpan.FromSeconds(1))
            {
                TimeoutId = ErrorIds.DatabaseTimeout,
            }, clock, stop, reason => events.Step(set.Metadata.Name, reason));
    }
}
