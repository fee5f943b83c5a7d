using System.Collections.Concurrent;
using KubeLab.Engine.Databases;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>Runs workloads side by side on the members of a database, and records all operations.</summary>
/// <param name="name">The name of the database.</param>
/// <param name="members">The members. The first is the one that is expected to accept writes.</param>
/// <param name="workloads">The workloads.</param>
/// <param name="driver">Connects to the members.</param>
/// <param name="options">The rate and the limits.</param>
/// <param name="random">Chooses operations.</param>
/// <param name="clock">The clock.</param>
internal sealed class WorkloadRun(string name, IReadOnlyList<string> members, IReadOnlyList<DatabaseWorkload> workloads, IDatabaseDriver driver,
    DatabaseTestOptions options, Random random, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);
    private readonly ConcurrentQueue<RecordedOperation> _recorded = new();
    private long _start;

    /// <summary>The operations until now, in the order of their ends.</summary>
    public IReadOnlyCollection<RecordedOperation> Recorded => _recorded;

    /// <summary>The time since the load began, without the final reads.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Creates the data of the workloads on a member that accepts writes.</summary>
    /// <exception cref="KlException">DatabaseLoginRejected, DatabaseNotWritable.</exception>
    public async Task CreateAsync(CancellationToken stop)
    {
        for (var start = clock.GetTimestamp(); ;)
        {
            var refused = new List<(string Member, string Reason)>();
            foreach (var member in members)
                try
                {
                    await OnAsync(member, (client, workload) => client.CreateAsync(workload, stop), stop);
                    return;
                }
                catch (DatabaseException error)
                {
                    refused.Add((member, error.Reason));
                }
            if (refused.All(one => one.Reason == DatabaseException.LoginRejected))
                throw new KlException(ErrorIds.DatabaseLoginRejected, KlErrorKind.Denied, name,
                    $"The members of the database {name} reject the password of the secret {DatabasePlan.SecretOf(name)}.",
                    "Restore the password that the database was created with.");
            if (clock.GetElapsedTime(start) >= options.Recovery)
                throw new KlException(ErrorIds.DatabaseNotWritable, KlErrorKind.Failed, name,
                    $"No member of the database {name} accepts writes: {string.Join(", ", refused.Select(one => $"{one.Member} ({one.Reason})"))}.",
                    "Check its members and their logs.");
            await Task.Delay(Interval, clock, stop);
        }
    }

    /// <summary>Runs the load, and work beside it after a warm-up. Then reads the set from every member.</summary>
    public async Task RunAsync(Func<Task>? work, IProgress<LabEvent> events, CancellationToken stop)
    {
        _start = clock.GetTimestamp();
        var perMember = options.ClientsOf(members.Count);
        var clients = workloads.SelectMany(workload => Enumerable.Range(0, perMember * members.Count).Select(process => (Workload: workload,
            Client: NewClient(members[process % members.Count], workload, process, perMember * members.Count + members.Count)))).ToList();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            var generators = workloads.ToDictionary(workload => workload, workload => new WorkloadGenerator(workload, new(random.Next())));
            var running = clients.ConvertAll(one =>
            {
                var own = new Random(random.Next());
                return Task.Run(() => one.Client.RunAsync(generators[one.Workload], options.Rate, own, end.Token, stop), CancellationToken.None);
            });
            try
            {
                await WaitAsync(work, events, stop);
            }
            finally
            {
                Duration = clock.GetElapsedTime(_start);
                await end.CancelAsync();
                await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            stop.ThrowIfCancellationRequested();
        }
        finally
        {
            foreach (var (_, client) in clients)
                await client.DisposeAsync();
        }
        if (workloads.Contains(DatabaseWorkload.Set))
            await Task.WhenAll(members.Select((member, index) => ReadAsync(member, perMember * members.Count + index, stop)));
    }

    /// <summary>Removes the data of the workloads, if a member accepts it.</summary>
    public async Task DropAsync(IProgress<LabEvent> events)
    {
        foreach (var member in members)
            try
            {
                await OnAsync(member, (client, workload) => client.DropAsync(workload, CancellationToken.None), CancellationToken.None);
                return;
            }
            catch (DatabaseException)
            {
                // The next member may accept it.
            }
        events.Warning(name, "the data of the test could not be removed.");
    }

    private WorkloadClient NewClient(string member, DatabaseWorkload workload, int process, int processes) =>
        new(driver, member, workload, process, processes, options.Timeout, _start, clock, _recorded.Enqueue);

    private async Task WaitAsync(Func<Task>? work, IProgress<LabEvent> events, CancellationToken stop)
    {
        var beside = work is null ? Task.CompletedTask : RunBesideAsync();
        while (!beside.IsCompleted || clock.GetElapsedTime(_start) < options.Duration)
        {
            await Task.Delay(Interval, clock, stop);
            events.Step(name, $"{_recorded.Count} operations", (int)Math.Min(100, 100 * (clock.GetElapsedTime(_start) / options.Duration)));
        }
        await beside;

        async Task RunBesideAsync()
        {
            await Task.Delay(options.BeforeWork, clock, stop);
            await work().WaitAsync(stop);
        }
    }

    // Reads the set until it has all that was acknowledged, or until the limit.
    private async Task ReadAsync(string member, int process, CancellationToken stop)
    {
        var added = _recorded.Where(one => one is { Workload: DatabaseWorkload.Set, IsRead: false, Operation.Outcome: KlOutcome.Ok })
            .Select(one => one.Operation.Value).ToHashSet();
        await using var client = NewClient(member, DatabaseWorkload.Set, process, 0);
        for (var start = clock.GetTimestamp(); ;)
        {
            var (isOk, result) = await client.CallAsync(new(DatabaseWorkload.Set, "read", null, null), isFinal: true, stop);
            if ((isOk && added.IsSubsetOf((IReadOnlyList<object?>)result!)) || clock.GetElapsedTime(start) >= options.Recovery)
                return;
            await Task.Delay(Interval, clock, stop);
        }
    }

    private async Task OnAsync(string member, Func<IDatabaseClient, DatabaseWorkload, Task> work, CancellationToken stop)
    {
        try
        {
            await using var client = await driver.ConnectAsync(member, stop).WaitAsync(options.Timeout, clock, stop);
            foreach (var workload in workloads)
                await work(client, workload).WaitAsync(options.Timeout, clock, stop);
        }
        catch (TimeoutException error)
        {
            throw new DatabaseException(hadNoEffect: false, DatabaseException.TimedOut, error);
        }
    }
}
