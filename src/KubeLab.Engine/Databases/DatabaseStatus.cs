using System.Globalization;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Databases;

/// <summary>Asks the members of a database for their state.</summary>
internal static class DatabaseStatus
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The hash slots of Redis Cluster (cluster specification, "Key distribution model").</summary>
    private const int Slots = 16384;

    /// <summary>Returns the database of a StatefulSet.</summary>
    /// <exception cref="KlException">The errors of KubeApi. A member that does not answer is not an error.</exception>
    public static async Task<KlDatabase> ReadAsync(KubeApi api, V1StatefulSet set, CancellationToken stop)
    {
        DatabaseLabels.TryRead(set, out var engine, out var mode);
        var (name, ns) = (set.Metadata.Name, set.Metadata.NamespaceProperty);
        var pods = await api.ListAsync<V1Pod>(ns, KubeSelector.Of(set.Spec.Selector), stop)
            .ToDictionaryAsync(pod => pod.Metadata.Name, cancellationToken: stop);
        var command = new MemberCommand(api, ns);
        var members = await Task.WhenAll(Enumerable.Range(0, set.Spec.Replicas ?? 1)
            .Select(ordinal => MemberAsync(command, string.Create(CultureInfo.InvariantCulture, $"{name}-{ordinal}"), pods, stop)));
        return new()
        {
            Name = name,
            Namespace = ns,
            Cluster = api.Cluster,
            Engine = engine,
            Mode = mode,
            Ready = $"{members.Count(one => one.Member.IsReady)}/{members.Length}",
            Members = [.. members.Select(one => one.Member)],
            Shards = [.. mode == DatabaseMode.Sharded ? Shards(members) : []],
            Port = EngineProfile.Of(engine).Port,
            Secret = $"{DatabasePlan.SecretOf(name)}/{DatabaseManifest.PasswordKey}",
            Age = KubeAge.Since(set.Metadata.CreationTimestamp, api.Clock.GetUtcNow()),
            Object = set,
        };
    }

    private static async Task<(KlDatabaseMember Member, string? Slots)> MemberAsync(
        MemberCommand command, string name, Dictionary<string, V1Pod> pods, CancellationToken stop)
    {
        var pod = pods.GetValueOrDefault(name);
        var member = new KlDatabaseMember
        {
            Name = name,
            Node = pod?.Spec.NodeName,
            IsReady = pod?.Status?.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true,
            State = pod is null ? "no pod" : Pods.PodStatus.Of(pod).Word,
        };
        if (pod?.Status?.Phase != "Running")
            return (member, null);
        try
        {
            var values = await command.RunAsync(name, AnswerTimeout, stop, "status");
            return (member with
            {
                Role = values.GetValueOrDefault("role"),
                State = values.GetValueOrDefault("state"),
                Follows = values.GetValueOrDefault("follows"),
                Position = values.GetValueOrDefault("position"),
                Lag = Number(values, "lag_seconds") is { } seconds and >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null,
                LagBytes = (long?)Number(values, "lag_bytes"),
                Size = (long?)Number(values, "size_bytes"),
                Keys = (long?)Number(values, "keys"),
            }, values.GetValueOrDefault("slots"));
        }
        catch (KlException error) when (error.ErrorId is ErrorIds.DatabaseCommandFailed or ErrorIds.PodCommandFailed or ErrorIds.PodConnectionLost
            or ErrorIds.KubeNotFound or ErrorIds.KubeFailed)
        {
            return (member with { State = $"no answer: {error.Message}" }, null);
        }
    }

    /// <summary>Judges whether all members answer and have a primary, if they have one.</summary>
    internal static Verdict Judge(KlDatabase database)
    {
        if (database.Members.FirstOrDefault(one => one.Role is null) is { } silent)
            return Verdict.Pending($"{silent}: {silent.State}");
        return database.Primary is not null || database.Engine == DatabaseEngine.Galera || database.Mode == DatabaseMode.Sharded ? Verdict.Ready
            : Verdict.Pending($"not one primary: {string.Join(", ", database.Members.Select(one => $"{one} is a {one.Role} ({one.State})"))}");
    }

    private static double? Number(IReadOnlyDictionary<string, string> values, string name) =>
        values.TryGetValue(name, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) && Math.Abs(number) < long.MaxValue ? number : null;

    private static KlDatabaseShard[] Shards((KlDatabaseMember Member, string? Slots)[] members) =>
    [
        .. members.Where(one => one.Slots is { Length: > 0 }).Select(one => new KlDatabaseShard
        {
            Primary = one.Member.Name,
            Replicas = [.. members.Where(other => other.Member.Follows == one.Member.Name).Select(other => other.Member.Name)],
            Slots = one.Slots!,
            SlotCount = Ranges(one.Slots!).Sum(range => range.Last - range.First + 1),
            Keys = one.Member.Keys,
        }).OrderBy(shard => Ranges(shard.Slots).Select(range => range.First).FirstOrDefault()),
    ];

    /// <summary>The shard that has a key, or nothing if no member has its slot.</summary>
    /// <exception cref="KlException">DatabaseModeInvalid: the database has no shards.</exception>
    internal static KlDatabaseShard[] ShardsOf(KlDatabase database, string key) => database.Mode == DatabaseMode.Sharded
        ? [.. database.Shards.Where(shard => Ranges(shard.Slots).Any(range => range.First <= RedisSlot.Of(key) && RedisSlot.Of(key) <= range.Last))]
        : throw new KlException(ErrorIds.DatabaseModeInvalid, KlErrorKind.InvalidInput, database.Name,
            $"{database.Engine} in the mode {database.Mode} has no shards.", "Every member has all keys. Use -Key with a database with shards.");

    /// <summary>Reads hash slots, such as 0-5460,6000. Skips what is not a range of slots.</summary>
    internal static IEnumerable<(int First, int Last)> Ranges(string slots) =>
        slots.Split(',').Select(range => range.Split('-')).Where(ends => ends.Length is 1 or 2)
            .Select(ends => int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first <= last && last < Slots
                ? (First: first, Last: last) : (First: 0, Last: -1))
            .Where(range => range.Last >= 0);
}
