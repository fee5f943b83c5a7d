using System.Data;
using System.Security.Cryptography;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>Tests how consistent and available databases are.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="forwards">Forwards ports to members.</param>
/// <param name="journal">The faults that this process started.</param>
/// <param name="clock">The clock.</param>
public sealed class DatabaseTester(KubeSession kube, PortForwards forwards, FaultJournal journal, TimeProvider clock)
{
    private static readonly TimeSpan CanceledCheckTimeout = TimeSpan.FromSeconds(5);
    private static readonly DatabaseWorkload[] DefaultWorkloads = [DatabaseWorkload.Register, DatabaseWorkload.Set, DatabaseWorkload.ListAppend];

    /// <summary>Runs workloads on all members of a database, and judges what its clients saw. The data of the test are removed.</summary>
    /// <param name="database">The database.</param>
    /// <param name="options">The workloads and their limits.</param>
    /// <param name="work">Runs beside the load, for example to start faults; or null.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the test. The histories until then are saved, and a warning says what they show.</param>
    /// <exception cref="KlException">LoadInvalid, ModelMismatch, WorkloadUnsupported, DatabaseLoginRejected, DatabaseNotWritable, HistoryNotWritable,
    /// and the errors of port forwards and clusters.</exception>
    public async Task<KlDatabaseTest> TestAsync(
        KlDatabase database, DatabaseTestOptions options, Func<Task>? work, IProgress<LabEvent> events, CancellationToken stop)
    {
        options.Validate();
        if (options.Isolation is { } level)
            IsolationLevels.Find(level);
        if (options.SaveHistory is { } folder)
            Save(database, folder, []);
        await using var endpoints = await DatabaseEndpoints.OpenAsync(database, kube, forwards, stop);
        await using var driver = new DriverOptions
        {
            Members = [.. database.Members.Select(member => member.Name)],
            AddressOf = endpoints.AddressOf,
            Password = endpoints.Password,
            Prefix = $"kubelab{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Isolation = SqlLevelOf(options.Isolation),
            Timeout = options.Timeout,
            Clock = clock,
        }.Create(database.Engine, database.Mode);
        var run = new WorkloadRun(database.Name,
            [.. database.Members.OrderByDescending(member => member.IsPrimary).Select(member => member.Name)],
            WorkloadsOf(database, driver, options.Workloads), driver, options, new Random(), clock);
        events.Step(database.Name, "creating the data of the test");
        await run.CreateAsync(stop);
        var (started, saved) = (clock.GetUtcNow(), Array.Empty<string>());
        try
        {
            await RunAsync();
        }
        catch (OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(CanceledCheckTimeout, clock);
            await WarnAsync(limit.Token);
            throw;
        }
        events.Step(database.Name, $"checking {run.Recorded.Count} operations");
        return await JudgeAsync(stop);

        async Task RunAsync()
        {
            try
            {
                await run.RunAsync(work, events, stop);
            }
            finally
            {
                if (options.SaveHistory is not null)
                    saved = Save(database, options.SaveHistory, run.Recorded);
                await run.DropAsync(events);
            }
        }

        Task<KlDatabaseTest> JudgeAsync(CancellationToken token) => Task.Run(() => DatabaseTestJudge.Judge(
            database, options with { Check = options.Check with { Bank = new() { Total = DatabaseCall.Accounts.Count * DatabaseCall.Balance } } },
            options.Isolation ?? DefaultIsolationOf(database.Engine), run.Recorded, journal.Since(started), started, run.Duration, saved, token), token);

        async Task WarnAsync(CancellationToken token)
        {
            try
            {
                var test = await JudgeAsync(token);
                events.Warning(database.Name, $"the test was canceled after {ReportText.Duration(test.Duration)}. "
                    + $"Until then: {string.Join(' ', test.Workloads.Select(one => one.Sentence()))}");
            }
            catch (OperationCanceledException)
            {
                events.Warning(database.Name, $"the test was canceled, and its {run.Recorded.Count} operations could not be judged in time.");
            }
        }
    }

    private static DatabaseWorkload[] WorkloadsOf(KlDatabase database, IDatabaseDriver driver, IReadOnlyList<DatabaseWorkload>? asked)
    {
        if (asked?.Where(one => !driver.Workloads.Contains(one)).ToArray() is [var missing, ..])
            throw new KlException(ErrorIds.WorkloadUnsupported, KlErrorKind.InvalidInput, database.Name,
                $"{database.Engine} does not have the workload {missing}.",
                $"Use {string.Join(", ", driver.Workloads)}.");
        return [.. (asked ?? [.. DefaultWorkloads.Where(driver.Workloads.Contains)]).Distinct()];
    }

    // SQL names four levels. The closest one that includes the level is asked for.
    private static IsolationLevel SqlLevelOf(string? level) => level switch
    {
        null => IsolationLevel.Unspecified,
        _ when level.EndsWith("read-uncommitted", StringComparison.Ordinal) => IsolationLevel.ReadUncommitted,
        _ when level.EndsWith("read-committed", StringComparison.Ordinal) => IsolationLevel.ReadCommitted,
        _ when level.EndsWith("serializable", StringComparison.Ordinal) => IsolationLevel.Serializable,
        _ => IsolationLevel.RepeatableRead,
    };

    // The name that the server itself has for its default.
    private static string DefaultIsolationOf(DatabaseEngine engine) => engine switch
    {
        DatabaseEngine.MariaDB or DatabaseEngine.Galera => "repeatable-read",
        DatabaseEngine.PostgreSQL => "read-committed",
        _ => IsolationLevels.StrictSerializable,
    };

    // An empty record checks that the folder can be written.
    private static string[] Save(KlDatabase database, string folder, IReadOnlyCollection<RecordedOperation> recorded)
    {
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Probe(Path.Combine(folder, database.Name), Path.Combine(folder, Path.GetRandomFileName()));
            return [.. recorded.Select(one => one.Workload).Distinct().Order().Select(workload =>
            {
                var path = Path.Combine(folder, $"{database.Name}-{workload.ToString().ToLowerInvariant()}.jsonl");
                using var file = File.Create(path);
                HistoryWriter.Write(DatabaseTestJudge.History(database.Name, workload, recorded), file);
                return path;
            })];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.HistoryNotWritable, KlErrorKind.InvalidInput, folder, $"The histories cannot be saved in {folder}: {error.Message}",
                "Specify another folder.", error);
        }
    }
}
