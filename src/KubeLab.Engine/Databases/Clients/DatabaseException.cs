namespace KubeLab.Engine.Databases.Clients;

/// <summary>An operation of a client did not succeed.</summary>
/// <param name="hadNoEffect">Whether it certainly had no effect. Otherwise its outcome is unknown.</param>
/// <param name="reason">One of the words below. A server's own text is not shown.</param>
/// <param name="inner">The cause.</param>
public sealed class DatabaseException(bool hadNoEffect, string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>The member was not reached, or accepts no connections.</summary>
    public const string NotConnected = "NotConnected";

    /// <summary>The member rejected the password.</summary>
    public const string LoginRejected = "LoginRejected";

    /// <summary>The member does not accept writes.</summary>
    public const string ReadOnly = "ReadOnly";

    /// <summary>The member has no majority, no leader, or no shard for the key.</summary>
    public const string NoQuorum = "NoQuorum";

    /// <summary>A concurrent operation was first, or a value was not the expected one. The database answered as it should.</summary>
    public const string Conflict = "Conflict";

    /// <summary>There was no answer in time.</summary>
    public const string TimedOut = "TimedOut";

    /// <summary>The connection was lost before the answer.</summary>
    public const string ConnectionLost = "ConnectionLost";

    /// <summary>The member rejected the operation for another reason.</summary>
    public const string Rejected = "Rejected";

    /// <summary>Whether it certainly had no effect.</summary>
    public bool HadNoEffect { get; } = hadNoEffect;

    /// <summary>The reason in one word.</summary>
    public string Reason { get; } = reason;
}
