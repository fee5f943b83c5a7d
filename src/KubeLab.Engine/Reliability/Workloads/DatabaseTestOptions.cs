using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>How a database is tested.</summary>
public sealed record DatabaseTestOptions
{
    private const int Clients = 6;

    /// <summary>The workloads, or null for Register, Set and ListAppend as far as the database has them.</summary>
    public IReadOnlyList<DatabaseWorkload>? Workloads { get; init; }

    /// <summary>The isolation level to ask for and to judge by, or null for the server's own.</summary>
    public string? Isolation { get; init; }

    /// <summary>The length of the load. It is longer if the work beside it takes longer.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The operations a second of each client.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>The clients of each member and workload. Default: 2, or as many as make 6 clients of all members.</summary>
    public int? ClientsPerMember { get; init; }

    /// <summary>The time after which an operation has an unknown outcome.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum time until a member accepts writes before the test, and until all members answer after it.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limits of the checks.</summary>
    public required ConsistencyOptions Check { get; init; }

    /// <summary>The folder for the histories, or null.</summary>
    public string? SaveHistory { get; init; }

    internal TimeSpan BeforeWork => new LoadOptions { Duration = Duration }.BeforeWork;

    internal int ClientsOf(int members) => ClientsPerMember ?? Math.Max(2, (Clients + members - 1) / members);

    /// <summary>Checks the values.</summary>
    /// <exception cref="KlException">LoadInvalid.</exception>
    public void Validate()
    {
        new LoadOptions { Rate = Rate, Duration = Duration, Timeout = Timeout }.Check();
        if (ClientsPerMember is < 1 or > 100)
            throw new KlException(ErrorIds.LoadInvalid, KlErrorKind.InvalidInput, nameof(ClientsPerMember),
                $"{ClientsPerMember} is not a valid number of clients.", "Specify a number from 1 to 100.");
    }
}
