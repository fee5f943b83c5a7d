namespace KubeLab.Engine.Databases.Clients;

/// <summary>One connection to one member. It has one operation at a time. After an unknown outcome, a new client is needed.</summary>
internal interface IDatabaseClient : IAsyncDisposable
{
    /// <summary>Creates the tables or keys of a workload.</summary>
    /// <exception cref="DatabaseException">It was not possible.</exception>
    Task CreateAsync(DatabaseWorkload workload, CancellationToken stop);

    /// <summary>Runs an operation, and returns what a history calls its result.</summary>
    /// <exception cref="DatabaseException">It had no effect, or its outcome is unknown.</exception>
    Task<object?> RunAsync(DatabaseCall call, CancellationToken stop);

    /// <summary>Removes the tables or keys of a workload.</summary>
    /// <exception cref="DatabaseException">It was not possible.</exception>
    Task DropAsync(DatabaseWorkload workload, CancellationToken stop);
}

/// <summary>Connects to the members of a database.</summary>
internal interface IDatabaseDriver : IAsyncDisposable
{
    /// <summary>What the database can do.</summary>
    IReadOnlyList<DatabaseWorkload> Workloads { get; }

    /// <summary>Connects to a member.</summary>
    /// <exception cref="DatabaseException">The member was not reached.</exception>
    Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop);

    /// <summary>The hash slot of the keys of an operation, or null if there are no slots or it uses several.</summary>
    int? SlotOf(DatabaseCall call) => null;
}
