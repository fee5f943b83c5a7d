using System.Data.Common;
using System.Net;
using MySqlConnector;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>What differs between databases with SQL.</summary>
internal abstract class SqlDialect
{
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
        1040 or 1042 or 1044 or 1045 or 1049 or 1130 or 1203 => (true, DatabaseException.NotConnected),
        1064 or 1142 or 1146 or 1054 => (true, DatabaseException.Rejected),
        (int)MySqlErrorCode.CommandTimeoutExpired => (false, DatabaseException.TimedOut),
        _ => (false, DatabaseException.ConnectionLost),
    };
}
