using System.Data;
using System.Net;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>How clients reach the members of a database, and what they ask for.</summary>
internal sealed record DriverOptions
{
    /// <summary>The members at the start of the test.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>Returns the address of a member, also of one that was added later. Throws <see cref="DatabaseException"/> if there is none.</summary>
    public required Func<string, Task<IPEndPoint>> AddressOf { get; init; }

    /// <summary>The password.</summary>
    public required string Password { get; init; }

    /// <summary>The start of the names of tables and keys.</summary>
    public required string Prefix { get; init; }

    /// <summary>The isolation level of transactions in SQL, or Unspecified for the server's own.</summary>
    public IsolationLevel Isolation { get; init; } = IsolationLevel.Unspecified;

    /// <summary>The limit of a connection and of a command.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The maximum size of an answer.</summary>
    public const int MaxAnswer = 16 << 20;

    /// <summary>Creates the driver of an engine.</summary>
    public IDatabaseDriver Create(DatabaseEngine engine, DatabaseMode mode) => engine switch
    {
        DatabaseEngine.MariaDB or DatabaseEngine.Galera => new SqlDriver(new MariaDbDialect(), this),
        DatabaseEngine.PostgreSQL => new SqlDriver(new PostgreSqlDialect(), this),
        DatabaseEngine.Redis => new RedisDriver(this, mode == DatabaseMode.Sharded),
        _ => new EtcdDriver(this),
    };
}
