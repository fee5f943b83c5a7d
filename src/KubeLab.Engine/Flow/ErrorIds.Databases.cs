namespace KubeLab;

// Errors of databases.
public static partial class ErrorIds
{
    /// <summary>A command of a member failed.</summary>
    public const string DatabaseCommandFailed = "DatabaseCommandFailed";

    /// <summary>The volumes of this name contain the data of another engine or mode.</summary>
    public const string DatabaseDataOther = "DatabaseDataOther";

    /// <summary>The members of a database cannot become ready.</summary>
    public const string DatabaseFailed = "DatabaseFailed";

    /// <summary>The member is not part of the database, or not ready.</summary>
    public const string DatabaseMemberInvalid = "DatabaseMemberInvalid";

    /// <summary>The engine does not have the mode, or the mode does not allow the operation.</summary>
    public const string DatabaseModeInvalid = "DatabaseModeInvalid";

    /// <summary>The name of a database is not valid.</summary>
    public const string DatabaseNameInvalid = "DatabaseNameInvalid";

    /// <summary>The name is used by something else.</summary>
    public const string DatabaseNameTaken = "DatabaseNameTaken";

    /// <summary>The cluster has too few nodes for the members.</summary>
    public const string DatabaseNodesTooFew = "DatabaseNodesTooFew";

    /// <summary>The database was not found.</summary>
    public const string DatabaseNotFound = "DatabaseNotFound";

    /// <summary>The primary cannot be reached, so that acknowledged writes may be lost.</summary>
    public const string DatabasePrimaryLost = "DatabasePrimaryLost";

    /// <summary>The number of members or shards is not possible.</summary>
    public const string DatabaseSizeInvalid = "DatabaseSizeInvalid";

    /// <summary>The members of a database were not ready before the timeout.</summary>
    public const string DatabaseTimeout = "DatabaseTimeout";
}
