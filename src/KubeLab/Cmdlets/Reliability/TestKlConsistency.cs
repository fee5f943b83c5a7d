using System.Management.Automation;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability;
using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Engine.Reliability.History;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Tests how consistent a database is, or checks the history of a test.</summary>
/// <remarks><para>For a database, clients of each member read and write beside each other, as Jepsen's do, and optionally faults are started. The result says
/// whether the database was linearizable, which isolation level held, how many acknowledged writes were lost, how old the stalest value was that a client
/// read, and what each side of a partition answered. A test finds what happened; it cannot prove that nothing else can happen. The data of the test are
/// removed afterwards. Several databases are tested one after the other.</para>
/// <para>A history lists operations of concurrent clients with their answers. Models of registers are checked for linearizability: whether all answers
/// can be explained by an order in which each operation takes effect at once, between its call and its answer. Transactions of ListAppend are checked for the
/// isolation level of -Isolation. If the history is not consistent, Anomalies contains the few operations that show it.</para>
/// <para>Histories of Jepsen in EDN, its logs, and JSON lines with the fields type, process, f, value, key and time are read. An operation without an answer
/// may have taken effect or not.</para>
/// <para>Consistent is Unknown, with a reason, if the time or the memory is not enough.</para></remarks>
/// <example>Test databases, with a partition of the network after a few seconds
/// <code>Get-KlDatabase etcd | Test-KlConsistency -Duration 40s -During { $_ | Start-KlFault NetworkPartition -From Minority -For 15s }</code></example>
/// <example>Test which isolation level the transactions of a database have, and keep the history
/// <code>Get-KlDatabase mariadb | Test-KlConsistency -Workload ListAppend, Bank -Isolation serializable -SaveHistory .</code></example>
/// <example>Check a history of a register
/// <code>Test-KlConsistency -History history.edn -Model CasRegister</code></example>
/// <example>Show which isolation levels transactions had
/// <code>(Test-KlConsistency -History append.edn -Model ListAppend).Details.Holds</code></example>
/// <example>Show the operations of the first counterexample
/// <code>(Get-ChildItem *.log | Test-KlConsistency -Model CasRegister | Where-Object Linearizable -eq False)[0].Anomalies[0].Operations</code></example>
[Cmdlet(VerbsDiagnostic.Test, "KlConsistency", DefaultParameterSetName = Live)]
[OutputType(typeof(KlConsistency), typeof(KlDatabaseTest))]
public sealed class TestKlConsistency : MeasurementCmdlet
{
    private const string Live = "Database";
    private readonly List<KlDatabase> _databases = [];

    /// <summary>The databases, from New-KlDatabase or Get-KlDatabase.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Live)]
    public KlDatabase[] Database { get; set; } = [];

    /// <summary>What the clients do. Register: read, write and compare-and-set. Set: add elements, and look for all of them in the end. Counter. Bank:
    /// transfer money between accounts. ListAppend: transactions that append to lists and read them. Session: read and write, for what each client is
    /// guaranteed. Each has data of its own. Default: Register, Set and ListAppend.</summary>
    [Parameter(ParameterSetName = Live)]
    [ValidateSet(nameof(DatabaseWorkload.Register), nameof(DatabaseWorkload.Set), nameof(DatabaseWorkload.Counter), nameof(DatabaseWorkload.Bank),
        nameof(DatabaseWorkload.ListAppend), nameof(DatabaseWorkload.Session))]
    public string[]? Workload { get; set; }

    /// <summary>The length of the test, such as 90s or 5m. Default: 30 seconds. It is longer if -During takes longer.</summary>
    [Parameter(ParameterSetName = Live)]
    [Seconds]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The operations a second of each client. Default: 10.</summary>
    [Parameter(ParameterSetName = Live)]
    public double Rate { get; set; } = 10;

    /// <summary>The clients of each member and workload. Default: 2; 6 for a database with one member.</summary>
    [Parameter(ParameterSetName = Live)]
    [ValidateRange(1, 100)]
    public int? ClientsPerMember { get; set; }

    /// <summary>The time after which a client gives up: the outcome of its operation is unknown. Default: 5 seconds.</summary>
    [Parameter(ParameterSetName = Live)]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A folder for the histories, as JSON lines. Get-ChildItem finds them, and -History checks them again.</summary>
    [Parameter(ParameterSetName = Live)]
    public string? SaveHistory { get; set; }

    /// <summary>A script that runs once beside the load, for example to start faults. $_ is the database. Its output is discarded.</summary>
    [Parameter(ParameterSetName = Live)]
    public override ScriptBlock? During { get; set; }

    /// <summary>The files. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "History")]
    [Alias("FullName", "Path")]
    [SupportsWildcards]
    public string[] History { get; set; } = [];

    /// <summary>What the operations do. Register: read, write. CasRegister: also cas (compare-and-set). KeyValue: get, put, append. Mutex: acquire,
    /// release. ListAppend: txn, a list of steps [append, key, element] and [r, key, nil]. Set: add, read. Counter: add, read. Bank: transfer, read. Session:
    /// read and write, for what each client is guaranteed.</summary>
    // Not an enum: PowerShell loads this type before the engine can be found, and the size of a field must be known then.
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "History")]
    [ValidateSet("Register", "CasRegister", "KeyValue", "Mutex", "ListAppend", "Set", "Counter", "Bank", "Session")]
    public string Model { get; set; } = "";

    /// <summary>The isolation level that the transactions of ListAppend must have, such as serializable. SQL databases are asked for it. Default:
    /// strict-serializable; for SQL databases their own default, which is read-committed for PostgreSQL and repeatable-read for the others.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(IsolationCompleter))]
    public string? Isolation { get; set; }

    /// <summary>The maximum time to check a history, such as 90s or 5m. Default: 1 minute.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum memory to check a history, in bytes, such as 2GB. Default: 1GB.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MemoryLimit { get; set; } = 1L << 30;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _databases.AddRange(Database);
        foreach (var given in History)
            foreach (var file in Files(given))
                Start(file, (_, stop) => Task.Run(() => Check(file, stop), stop));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_databases.Count > 0)
            Start("databases", TestAsync);
        base.EndProcessing();
    }

    // One after the other: a test must not disturb the next one.
    private async Task TestAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var options = new DatabaseTestOptions
        {
            Workloads = Workload?.Select(one => Enum.Parse<DatabaseWorkload>(one, ignoreCase: true)).ToList(),
            Isolation = Isolation,
            Duration = Duration,
            Rate = Rate,
            ClientsPerMember = ClientsPerMember,
            Timeout = Timeout,
            Check = Limits,
            SaveHistory = SaveHistory is null ? null : GetUnresolvedProviderPathFromPSPath(SaveHistory),
        };
        foreach (var database in _databases)
        {
            var started = Engine.Clock.GetUtcNow();
            try
            {
                await WriteAsync(Engine.DatabaseTests.TestAsync(
                    database, options, During is null ? null : () => RunDuringAsync(database, started, events), events, stop));
            }
            catch (KlException error)
            {
                Fail(database, error);
            }
            catch (OperationCanceledException)
            {
                await Engine.Faults.StopSinceAsync(started, events);
                throw;
            }
        }
    }

    private ConsistencyOptions Limits => new()
    {
        Isolation = Isolation ?? IsolationLevels.StrictSerializable,
        Limits = new() { TimeLimit = TimeLimit, MemoryLimit = MemoryLimit, Clock = Engine.Clock },
    };

    private KlConsistency Check(string file, CancellationToken stop) => ConsistencyChecker.Check(HistoryReader.ReadFile(file, stop), Model, Limits, stop);

    private string[] Files(string path)
    {
        try
        {
            // A file that is called like a pattern comes from Get-ChildItem.
            if (GetUnresolvedProviderPathFromPSPath(path) is var literal && File.Exists(literal))
                return [literal];
            var found = GetResolvedProviderPathFromPSPath(path, out var provider);
            return provider.Name == "FileSystem" && found.Count > 0 ? [.. found] : throw NotFound(path, null);
        }
        catch (SessionStateException error)
        {
            Fail(path, NotFound(path, error));
        }
        catch (KlException error)
        {
            Fail(path, error);
        }
        return [];
    }

    private static KlException NotFound(string path, Exception? inner) =>
        new(ErrorIds.HistoryNotFound, KlErrorKind.NotFound, path, $"File '{path}' was not found.", "Specify a file that contains a history.", inner);
}
