namespace KubeLab.Engine.Databases;

/// <summary>What an engine can do.</summary>
/// <param name="Image">The folder of its image.</param>
/// <param name="Port">The TCP port for clients.</param>
/// <param name="Modes">The modes. The first is the default of one member, the second of several; some engines have one mode.</param>
internal sealed record EngineProfile(string Image, int Port, params DatabaseMode[] Modes)
{
    private static readonly Dictionary<DatabaseEngine, EngineProfile> All = new()
    {
        [DatabaseEngine.MariaDB] = new("mariadb", 3306, DatabaseMode.Single, DatabaseMode.Asynchronous, DatabaseMode.SemiSynchronous),
        [DatabaseEngine.Galera] = new("mariadb", 3306, DatabaseMode.Quorum),
        [DatabaseEngine.PostgreSQL] = new("postgresql", 5432, DatabaseMode.Single, DatabaseMode.Asynchronous, DatabaseMode.Synchronous),
        [DatabaseEngine.Redis] = new("redis", 6379, DatabaseMode.Single, DatabaseMode.Asynchronous, DatabaseMode.Sharded),
        [DatabaseEngine.Etcd] = new("etcd", 2379, DatabaseMode.Quorum),
    };

    /// <summary>The profile of an engine.</summary>
    public static EngineProfile Of(DatabaseEngine engine) => All[engine];

    /// <summary>Whether the primary of a mode is chosen by the user. Otherwise the members elect it, or there is none.</summary>
    public static bool HasChosenPrimary(DatabaseEngine engine, DatabaseMode mode) => engine is DatabaseEngine.MariaDB or DatabaseEngine.PostgreSQL
        && mode is DatabaseMode.Asynchronous or DatabaseMode.SemiSynchronous or DatabaseMode.Synchronous;
}
