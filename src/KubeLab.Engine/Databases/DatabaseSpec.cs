namespace KubeLab.Engine.Databases;

/// <summary>The desired database. Null properties have the defaults of the engine.</summary>
public sealed record DatabaseSpec
{
    /// <summary>The engine.</summary>
    public required DatabaseEngine Engine { get; init; }

    /// <summary>The name, or null for the name of the engine.</summary>
    public string? Name { get; init; }

    /// <summary>How the members share the data, or null for the default of the engine and the number of members.</summary>
    public DatabaseMode? Mode { get; init; }

    /// <summary>The number of members; with <see cref="Shards"/>, the number of replicas of each shard.</summary>
    public int? Replicas { get; init; }

    /// <summary>The number of shards, or null for a database without shards.</summary>
    public int? Shards { get; init; }

    /// <summary>The cluster, or null for the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace, or null for the context's namespace. It is created if it does not exist.</summary>
    public string? Namespace { get; init; }
}
