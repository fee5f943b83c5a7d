using System.Text.RegularExpressions;

namespace KubeLab.Engine.Databases;

/// <summary>A database with all defaults resolved.</summary>
internal sealed partial record DatabasePlan
{
    // The longest name of an object of a database is that of a claim, data-NAME-12, in the label of its folder. The name of a pod is a DNS label.
    private const int MaxName = 40, MaxMembers = 15, MaxShards = 5;

    // The smallest Redis Cluster that can elect a new primary (Redis Cluster tutorial).
    private const int MinShards = 3;

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public required DatabaseEngine Engine { get; init; }

    public required DatabaseMode Mode { get; init; }

    /// <summary>The number of pods.</summary>
    public required int Members { get; init; }

    /// <summary>The number of shards, or null for a database without shards.</summary>
    public int? Shards { get; init; }

    public EngineProfile Profile => EngineProfile.Of(Engine);

    public string SecretName => SecretOf(Name);

    public string MembersService => $"{Name}-members";

    public bool HasChosenPrimary => EngineProfile.HasChosenPrimary(Engine, Mode);

    /// <summary>The member that is the primary of a new database.</summary>
    public string FirstMember => $"{Name}-0";

    public static string SecretOf(string name) => $"{name}-database";

    /// <exception cref="KlException">DatabaseNameInvalid, DatabaseModeInvalid, DatabaseSizeInvalid.</exception>
    public static DatabasePlan Of(DatabaseSpec spec, string ns)
    {
        var name = spec.Name ?? $"{spec.Engine}".ToLowerInvariant();
        if (!DnsLabel().IsMatch(name) || name.Length > MaxName)
            throw new KlException(ErrorIds.DatabaseNameInvalid, KlErrorKind.InvalidInput, name, $"'{name}' is not a valid name for a database.",
                $"Use at most {MaxName} lowercase letters, digits and '-', starting with a letter.");
        var modes = EngineProfile.Of(spec.Engine).Modes;
        var mode = spec.Mode ?? (spec.Shards is not null ? DatabaseMode.Sharded : spec.Replicas > 1 && modes.Length > 1 ? modes[1] : modes[0]);
        if (!modes.Contains(mode))
            throw new KlException(ErrorIds.DatabaseModeInvalid, KlErrorKind.InvalidInput, name, $"{spec.Engine} does not have the mode {mode}.",
                $"Its modes are {string.Join(", ", modes)}.");
        if (spec.Shards is not null && mode != DatabaseMode.Sharded)
            throw new KlException(ErrorIds.DatabaseModeInvalid, KlErrorKind.InvalidInput, name, $"The mode {mode} has no shards.",
                $"Use the mode {DatabaseMode.Sharded}, or no shards.");
        return mode == DatabaseMode.Sharded ? Sharded(spec, name, ns) : new()
        {
            Name = name, Namespace = ns, Engine = spec.Engine, Mode = mode, Members = CheckMembers(spec, name, mode),
        };
    }

    private static DatabasePlan Sharded(DatabaseSpec spec, string name, string ns)
    {
        var (shards, replicas) = (spec.Shards ?? MinShards, spec.Replicas ?? 0);
        if (shards is < MinShards or > MaxShards || replicas < 0 || shards * (1 + replicas) > MaxMembers)
            throw Size(name, $"{spec.Engine} with {shards} shards and {replicas} replicas of each",
                $"Use {MinShards} to {MaxShards} shards, and at most {MaxMembers} members in total.");
        return new()
        {
            Name = name, Namespace = ns, Engine = spec.Engine, Mode = DatabaseMode.Sharded, Members = shards * (1 + replicas), Shards = shards,
        };
    }

    private static int CheckMembers(DatabaseSpec spec, string name, DatabaseMode mode)
    {
        var members = spec.Replicas ?? (mode is DatabaseMode.Single ? 1 : 3);
        var (isValid, valid) = mode switch
        {
            DatabaseMode.Single => (members == 1, "1 member"),
            // An even number of members tolerates no more failures than the odd number below it.
            DatabaseMode.Quorum => (members is 3 or 5 || members == 1 && spec.Engine == DatabaseEngine.Etcd, "3 or 5 members"),
            // Sentinels elect a new primary by majority.
            DatabaseMode.Asynchronous when spec.Engine == DatabaseEngine.Redis => (members is 3 or 5, "3 or 5 members"),
            _ => (members is >= 2 and <= 5, "2 to 5 members"),
        };
        return isValid ? members : throw Size(name, $"{spec.Engine} in the mode {mode} with {members} members", $"Use {valid}.");
    }

    private static KlException Size(string name, string what, string next) =>
        new(ErrorIds.DatabaseSizeInvalid, KlErrorKind.InvalidInput, name, $"{what} is not possible.", next);

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();
}
