using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Databases;

/// <summary>Changes the primary and the shards of databases.</summary>
public sealed partial class DatabaseClient
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30), ReshardTimeout = TimeSpan.FromMinutes(10);

    // A forced change does not wait for the end of a partition.
    private const string CatchUpSeconds = "20", ForcedCatchUpSeconds = "2";

    /// <summary>Makes a member the primary.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="name">The database.</param>
    /// <param name="member">The member.</param>
    /// <param name="force">Whether to continue if the primary does not answer, so that writes that it has acknowledged may be lost.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DatabaseNotFound, DatabaseMemberInvalid, DatabaseModeInvalid, DatabasePrimaryLost, DatabaseCommandFailed, and the errors
    /// of KubeApi.</exception>
    public async Task<KlDatabase> SetPrimaryAsync(
        string? cluster, string? ns, string name, string member, bool force, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var database = await GetAsync(api, ns, name, stop);
        var target = database.Members.FirstOrDefault(one => one.Name == member && one.IsReady) ?? throw new KlException(
            ErrorIds.DatabaseMemberInvalid, KlErrorKind.InvalidInput, member, $"'{member}' is not a ready member of {database.Namespace}/{name}.",
            $"Use one of {string.Join(", ", database.Members.Where(one => one.IsReady && !one.IsPrimary).Select(one => one.Name))}.");
        if (database.Mode is DatabaseMode.Single or DatabaseMode.Sharded || database.Engine is DatabaseEngine.Galera)
            throw new KlException(ErrorIds.DatabaseModeInvalid, KlErrorKind.InvalidInput, name,
                $"{database.Engine} in the mode {database.Mode} has no primary to choose.");
        if (database.Engine != DatabaseEngine.Etcd)
            await SwitchAsync(api, database, target, force, events, stop);
        else if (!target.IsPrimary)
        {
            // The leader hands over what it has.
            await new MemberCommand(api, database.Namespace).RunAsync(member, CommandTimeout, stop, "promote");
            events.Changed(name, $"{member} is the leader");
        }
        return force ? await DatabaseStatus.ReadAsync(api, database.Object, stop) : await WaitAsync(api, database.Object, FormTimeout, events, stop);
    }

    /// <summary>Changes the number of shards while clients continue.</summary>
    /// <exception cref="KlException">DatabaseNotFound, DatabaseModeInvalid, DatabaseSizeInvalid, DatabaseFailed, DatabaseTimeout, DatabaseCommandFailed,
    /// and the errors of KubeApi.</exception>
    public async Task<KlDatabase> SetShardsAsync(
        string? cluster, string? ns, string name, int shards, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var database = await GetAsync(api, ns, name, stop);
        var before = DatabaseLabels.ShardsOf(database.Object) ?? throw new KlException(ErrorIds.DatabaseModeInvalid, KlErrorKind.InvalidInput, name,
            $"{database.Engine} in the mode {database.Mode} has no shards.");
        var replicas = database.Members.Length / before - 1;
        var plan = DatabasePlan.Of(
            new() { Name = name, Engine = database.Engine, Mode = DatabaseMode.Sharded, Shards = shards, Replicas = replicas }, database.Namespace);
        if (shards < before)
            throw new KlException(ErrorIds.DatabaseSizeInvalid, KlErrorKind.InvalidInput, name, $"{name} has {before} shards. Shards can only be added.",
                $"Use {before} or more.");
        var set = database.Object;
        if (shards > before)
        {
            await PlaceAsync(api, plan, new(plan), events, stop);
            set = await api.MergeAsync<V1StatefulSet>(name, database.Namespace, new()
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [DatabaseLabels.Shards] = $"{shards}" } },
                ["spec"] = new JsonObject { ["replicas"] = plan.Members },
            }, stop);
            events.Changed(name, string.Create(CultureInfo.InvariantCulture, $"{plan.Members - database.Members.Length} members added"));
        }
        await WaitAsync(api, set, timeout, events, stop);
        // The slots of an interrupted run are moved by the next one.
        events.Step(name, "moving slots");
        var moved = await new MemberCommand(api, plan.Namespace).RunAsync(plan.FirstMember, ReshardTimeout, stop, "reshard", $"{shards}", $"{replicas}");
        if (moved.GetValueOrDefault("moved") is { } slots and not "0")
            events.Changed(name, $"{slots} slots moved");
        return await WaitAsync(api, set, timeout, events, stop);
    }

    /// <summary>Returns the smaller part of the members that a partition can separate: less than half of them, with the primary or leader if there is one;
    /// of a database with shards, the primary of the first shard.</summary>
    /// <exception cref="KlException">DatabaseNotFound, DatabaseSizeInvalid, and the errors of KubeApi.</exception>
    public async Task<IReadOnlyList<string>> MinorityAsync(string? cluster, string? ns, string name, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var database = await GetAsync(api, ns, name, stop);
        var members = database.Members;
        if (members.Length < 2)
            throw new KlException(ErrorIds.DatabaseSizeInvalid, KlErrorKind.InvalidInput, name, $"{name} has one member, which cannot be partitioned.",
                "Use a database with several members.");
        return database.Shards is [{ Primary: { } primary }, ..] ? [primary]
            : [.. members.OrderByDescending(one => one.IsPrimary).Take(Math.Max(1, (members.Length - 1) / 2)).Select(one => one.Name)];
    }

    private static async Task<KlDatabase> GetAsync(KubeApi api, string? ns, string name, CancellationToken stop)
    {
        ns ??= api.DefaultNamespace;
        var set = await api.FindAsync<V1StatefulSet>(name, ns, stop);
        return set is not null && DatabaseLabels.IsDatabase(set) ? await DatabaseStatus.ReadAsync(api, set, stop) : throw new KlException(
            ErrorIds.DatabaseNotFound, KlErrorKind.NotFound, name, $"Database '{ns}/{name}' was not found in cluster '{api.Cluster}'.");
    }

    // Where the user chooses the primary, the ConfigMap decides: a member that restarts during the change follows it.
    private static async Task SwitchAsync(
        KubeApi api, KlDatabase database, KlDatabaseMember target, bool force, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (ns, command) = (database.Namespace, new MemberCommand(api, database.Namespace));
        var isChosen = EngineProfile.HasChosenPrimary(database.Engine, database.Mode);
        var before = isChosen ? await ChosenPrimaryAsync(api, database, stop)
            : database.Members.FirstOrDefault(one => one.IsPrimary && one.Name != target.Name)?.Name ?? target.Name;
        var others = database.Members.Where(one => one.Name != target.Name);
        if (before == target.Name && target.IsPrimary)
        {
            await FollowAsync(command, others.Where(one => one.Follows != target.Name), target.Name, force, events, stop);
            return;
        }
        var old = database.Members.FirstOrDefault(one => one.Name == before && one.Name != target.Name);
        if (old is not null && !await FenceAsync(command, old, target, force, events, stop))
            events.Warning(database.Name, $"{old.Name} is not fenced. It accepts writes that will be lost when it follows {target.Name}.");
        var plan = DatabasePlan.Of(new()
        {
            Name = database.Name, Engine = database.Engine, Mode = database.Mode, Replicas = database.Members.Length,
        }, ns);
        if (isChosen)
            await api.ApplyAsync(new DatabaseManifest(plan).ConfigMap(target.Name), stop);
        try
        {
            await command.RunAsync(target.Name, CommandTimeout, stop, "promote");
        }
        catch (KlException) when (!isChosen && old is not null)
        {
            await UnfenceAsync(command, old, events, stop);
            throw;
        }
        if (isChosen)
            await api.ApplyAsync(new DatabaseManifest(plan).ClientService(target.Name), stop);
        events.Changed(database.Name, $"{target.Name} is the primary");
        await FollowAsync(command, others, target.Name, force, events, stop);
    }

    private static async Task<string?> ChosenPrimaryAsync(KubeApi api, KlDatabase database, CancellationToken stop) =>
        (await api.FindAsync<V1ConfigMap>(database.Name, database.Namespace, stop))?.Data?.TryGetValue(DatabaseManifest.PrimaryKey, out var chosen) == true
            ? chosen : null;

    // Returns whether the old primary accepts no more writes, and the new one has all of them.
    private static async Task<bool> FenceAsync(
        MemberCommand command, KlDatabaseMember old, KlDatabaseMember target, bool force, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            events.Step(target.Name, $"fencing {old.Name}");
            var position = (await command.RunAsync(old.Name, CommandTimeout, stop, "fence")).GetValueOrDefault("position", "");
            // A database without any write has no position.
            if (position.Length > 0)
                await command.RunAsync(target.Name, CommandTimeout, stop, "wait", position, force ? ForcedCatchUpSeconds : CatchUpSeconds);
            return true;
        }
        catch (KlException error) when (force)
        {
            events.Detail(old.Name, error.Message);
            return false;
        }
        catch (KlException error)
        {
            await UnfenceAsync(command, old, events, stop);
            throw new KlException(ErrorIds.DatabasePrimaryLost, KlErrorKind.Failed, target.Name,
                $"{target.Name} did not become the primary, because it may lack writes that {old.Name} has acknowledged: {error.Message}",
                "Wait until both are connected, or use -AllowDataLoss to accept that writes are lost.", error);
        }
    }

    private static async Task UnfenceAsync(MemberCommand command, KlDatabaseMember old, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await command.RunAsync(old.Name, CommandTimeout, stop, "promote");
        }
        catch (KlException error)
        {
            events.Warning(old.Name, $"it may not accept writes: {error.Message}");
        }
    }

    private static Task FollowAsync(
        MemberCommand command, IEnumerable<KlDatabaseMember> members, string primary, bool force, IProgress<LabEvent> events, CancellationToken stop) =>
        Task.WhenAll(members.Select(member => FollowAsync(command, member.Name, primary, force, events, stop)));

    private static async Task FollowAsync(
        MemberCommand command, string member, string primary, bool force, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            var answer = await command.RunAsync(member, FormTimeout, stop, "follow", primary);
            // Redis counts bytes.
            var (lost, unit) = answer.TryGetValue("lost_bytes", out var bytes) ? (bytes, "bytes of writes")
                : (answer.GetValueOrDefault("lost"), "transactions");
            if (lost != "0")
                events.Warning(member, $"{lost ?? "an unknown number of"} {unit} that only {member} had were discarded.");
        }
        catch (KlException error) when (force)
        {
            events.Warning(member, $"it does not follow {primary} yet. Repeat the change when both are connected: {error.Message}");
        }
    }
}
