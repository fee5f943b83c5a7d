using System.Data.Common;
using System.Net;
using MySqlConnector;
using Npgsql;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>What differs between databases with SQL.</summary>
internal abstract class SqlDialect
{
    /// <summary>The relay that a connection to an address needs, or null.</summary>
    public virtual ConnectionRelay? Relay(IPEndPoint address) => null;

    /// <summary>A connection that is not open yet.</summary>
    public abstract DbConnection Connect(IPEndPoint address, string password, int seconds);

    /// <summary>The end of an INSERT that replaces the value of an existing row.</summary>
    public abstract string Replace(string table);

    /// <summary>The end of an INSERT that appends to the value of an existing row.</summary>
    public abstract string Append(string table);

    /// <summary>Whether an error certainly had no effect, and its reason.</summary>
    public abstract (bool HadNoEffect, string Reason) Classify(Exception error);
}

/// <summary>MariaDB, with and without Galera.</summary>
internal sealed class MariaDbDialect : SqlDialect
{
    public override DbConnection Connect(IPEndPoint address, string password, int seconds) => new MySqlConnection(new MySqlConnectionStringBuilder
    {
        Server = address.Address.ToString(),
        Port = (uint)address.Port,
        UserID = "kubelab",
        Password = password,
        Database = "kubelab",
        SslMode = MySqlSslMode.None,
        Pooling = false,
        ConnectionTimeout = (uint)seconds,
        DefaultCommandTimeout = (uint)seconds,
        // A command that takes too long ends with its connection.
        CancellationTimeout = -1,
    }.ConnectionString);

    public override string Replace(string table) => "ON DUPLICATE KEY UPDATE val = VALUES(val)";

    public override string Append(string table) => "ON DUPLICATE KEY UPDATE val = CONCAT(val, ',', VALUES(val))";

    public override (bool HadNoEffect, string Reason) Classify(Exception error) =>
        error is MySqlException { ErrorCode: var code } ? Classify((int)code) : (false, DatabaseException.ConnectionLost);

    /// <summary>Classifies the number of an error.</summary>
    internal static (bool HadNoEffect, string Reason) Classify(int number) => number switch
    {
        // Deadlock, which is also a certification that failed; lock wait timeout; a record that changed since it was read; duplicate key.
        1213 or 1205 or 1020 or 1062 => (true, DatabaseException.Conflict),
        // read_only, read only transaction, and InnoDB's read only mode.
        1290 or 1792 or 1836 => (true, DatabaseException.ReadOnly),
        // Not in the primary component.
        1047 => (true, DatabaseException.NoQuorum),
        1044 or 1045 => (true, DatabaseException.LoginRejected),
        1040 or 1042 or 1049 or 1130 or 1203 => (true, DatabaseException.NotConnected),
        1064 or 1142 or 1146 or 1054 => (true, DatabaseException.Rejected),
        (int)MySqlErrorCode.CommandTimeoutExpired => (false, DatabaseException.TimedOut),
        _ => (false, DatabaseException.ConnectionLost),
    };
}

/// <summary>PostgreSQL.</summary>
internal sealed class PostgreSqlDialect : SqlDialect
{
    // At a time-out, Npgsql asks the server to cancel the command (CancellationTimeout -1 skips only the wait for the answer). A canceled wait for replicas
    // ends as a commit that the replicas lack. The relay rejects the connection for the request.
    public override ConnectionRelay? Relay(IPEndPoint address) => new(address);

    public override DbConnection Connect(IPEndPoint address, string password, int seconds) => new NpgsqlConnection(new NpgsqlConnectionStringBuilder
    {
        Host = address.Address.ToString(),
        Port = address.Port,
        Username = "kubelab",
        Password = password,
        Database = "kubelab",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        Pooling = false,
        Timeout = seconds,
        CommandTimeout = seconds,
        CancellationTimeout = -1,
    }.ConnectionString);

    public override string Replace(string table) => "ON CONFLICT (k) DO UPDATE SET val = excluded.val";

    public override string Append(string table) => $"ON CONFLICT (k) DO UPDATE SET val = {table}.val || ',' || excluded.val";

    public override (bool HadNoEffect, string Reason) Classify(Exception error) => error switch
    {
        PostgresException { SqlState: var state } => Classify(state),
        NpgsqlException { InnerException: TimeoutException } => (false, DatabaseException.TimedOut),
        _ => (false, DatabaseException.ConnectionLost),
    };

    /// <summary>Classifies an SQLSTATE.</summary>
    internal static (bool HadNoEffect, string Reason) Classify(string state) => state switch
    {
        // Completion unknown.
        "40003" => (false, DatabaseException.ConnectionLost),
        "25006" => (true, DatabaseException.ReadOnly),
        ['2', '8', ..] => (true, DatabaseException.LoginRejected),
        "53300" or "57P03" => (true, DatabaseException.NotConnected),
        ['4', '0', ..] or ['2', '3', ..] or "55P03" => (true, DatabaseException.Conflict),
        ['2', '2', ..] or ['2', '5', ..] or ['4', '2', ..] => (true, DatabaseException.Rejected),
        // Also 57014: a canceled wait for a synchronous replica leaves the transaction committed.
        _ => (false, DatabaseException.ConnectionLost),
    };
}
