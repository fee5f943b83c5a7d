using k8s;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Databases;

/// <summary>Checks, before anything is created, that a database can be created.</summary>
internal static class DatabaseChecks
{
    /// <summary>Checks that the names of a plan are free or belong to the same database, and that a new database has enough nodes.</summary>
    /// <returns>The existing database, or null.</returns>
    /// <exception cref="KlException">DatabaseNameTaken, DatabaseSizeInvalid, DatabaseDataOther, DatabaseNodesTooFew.</exception>
    public static async Task<V1StatefulSet?> CheckAsync(KubeApi api, DatabasePlan plan, CancellationToken stop)
    {
        await CheckAsync<V1Service>(plan.Name);
        await CheckAsync<V1Service>(plan.MembersService);
        await CheckAsync<V1ConfigMap>(plan.Name);
        var secret = await api.FindAsync<V1Secret>(plan.SecretName, plan.Namespace, stop);
        if (secret is not null && !IsSame(secret, plan))
            throw DatabaseLabels.TryRead(secret, out var engine, out var mode) ? new KlException(ErrorIds.DatabaseDataOther, KlErrorKind.Exists, plan.Name,
                $"The volumes of {plan.Namespace}/{plan.Name} contain the data of {engine} in the mode {mode}.",
                $"Use this engine and mode, or another name. To discard the data, delete the Secret {plan.SecretName} and the claims data-{plan.Name}-*.")
                : Taken(secret);
        if (await CheckAsync<V1StatefulSet>(plan.Name) is not { } existing)
        {
            if (plan.Shards is null)
                await CheckNodesAsync(api, plan, stop);
            return null;
        }
        // Shards that were added later stay.
        var hasMoreShards = DatabaseLabels.ShardsOf(existing) > plan.Shards
            && existing.Spec.Replicas * plan.Shards == plan.Members * DatabaseLabels.ShardsOf(existing);
        return existing.Spec.Replicas == plan.Members || hasMoreShards ? existing : throw new KlException(
            ErrorIds.DatabaseSizeInvalid, KlErrorKind.Exists, plan.Name,
            $"The database {plan.Namespace}/{plan.Name} exists and has {existing.Spec.Replicas} members, not {plan.Members}.",
            "Use another name, or remove the database first.");

        async Task<T?> CheckAsync<T>(string name) where T : class, IKubernetesObject<V1ObjectMeta> =>
            await api.FindAsync<T>(name, plan.Namespace, stop) is var found && (found is null || IsSame(found, plan)) ? found : throw Taken(found!);
    }

    /// <summary>The error for an object that is not part of this database.</summary>
    public static KlException Taken(IKubernetesObject<V1ObjectMeta> found)
    {
        var name = $"{found.Metadata.NamespaceProperty}/{found.Metadata.Name}";
        return new(ErrorIds.DatabaseNameTaken, KlErrorKind.Exists, found.Metadata.Name,
            DatabaseLabels.TryRead(found, out var engine, out var mode) ? $"The database {name} exists and is {engine} in the mode {mode}."
                : $"The {KindOf(found)} {name} exists and is not part of a database.", "Use another name or namespace.");
    }

    private static string KindOf(IKubernetesObject<V1ObjectMeta> found) => found.GetType().Name["V1".Length..];

    private static bool IsSame(IKubernetesObject<V1ObjectMeta> found, DatabasePlan plan) => ManagedLabels.IsManaged(found)
        && DatabaseLabels.TryRead(found, out var engine, out var mode) && engine == plan.Engine && mode == plan.Mode;

    private static async Task CheckNodesAsync(KubeApi api, DatabasePlan plan, CancellationToken stop)
    {
        var nodes = await api.ListAsync<V1Node>(null, (string?)null, stop).ToListAsync(stop);
        string[] usable = [.. nodes.Where(Volumes.IsUsable).Select(node => node.Metadata.Name).Order(StringComparer.Ordinal)];
        if (usable.Length < plan.Members)
            throw new KlException(ErrorIds.DatabaseNodesTooFew, KlErrorKind.InvalidInput, plan.Name,
                $"{plan.Name} needs {plan.Members} nodes, one for each member. Of the {nodes.Count} nodes of cluster '{api.Cluster}', {usable.Length} can run"
                + $" a member: {string.Join(", ", usable)}. The others are not Ready, unschedulable or tainted.", "Use fewer members, or add nodes.");
    }
}
