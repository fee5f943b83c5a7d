using KubeLab.Engine.Databases.Clients;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>A client that is bound to a member, as Jepsen's are: it has one operation at a time, and after an unknown outcome it continues as another
/// process with a new connection.</summary>
internal sealed class WorkloadClient(IDatabaseDriver driver, string member, DatabaseWorkload workload, int process, int processes,
    TimeSpan timeout, long start, TimeProvider clock, Action<RecordedOperation> record) : IAsyncDisposable
{
    private IDatabaseClient? _client;
    private int _process = process;

    /// <summary>The member.</summary>
    public string Member => member;

    /// <summary>Runs operations at a rate until the end.</summary>
    public async Task RunAsync(WorkloadGenerator generator, double rate, Random random, CancellationToken end, CancellationToken stop)
    {
        try
        {
            while (!end.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(2 * random.NextDouble() / rate), clock, end);
                await CallAsync(generator.Next(), isFinal: false, stop);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The load has ended.
        }
    }

    /// <summary>Runs an operation, and records it. Returns its result, and whether it succeeded.</summary>
    public async Task<(bool IsOk, object? Result)> CallAsync(DatabaseCall call, bool isFinal, CancellationToken stop)
    {
        var (called, result, outcome, reason) = (Now, (object?)null, KlOutcome.Ok, (string?)null);
        try
        {
            _client ??= await LimitAsync(driver.ConnectAsync(member, stop), isConnecting: true, stop);
            result = await LimitAsync(_client.RunAsync(call, stop), isConnecting: false, stop);
        }
        catch (DatabaseException error)
        {
            (outcome, reason) = (error.HadNoEffect || call.IsRead ? KlOutcome.Fail : KlOutcome.Unknown, error.Reason);
            // What is left of a connection is not reliable, except after an answer.
            if (!error.HadNoEffect || reason is DatabaseException.NotConnected or DatabaseException.LoginRejected or DatabaseException.ConnectionLost
                or DatabaseException.TimedOut)
                Abandon();
        }
        catch (OperationCanceledException)
        {
            (outcome, reason) = (call.IsRead ? KlOutcome.Fail : KlOutcome.Unknown, DatabaseException.TimedOut);
            Abandon();
        }
        record(new(workload, new()
        {
            Index = 0,
            Process = _process,
            Function = call.Function,
            Key = call.Key,
            Value = call.Value,
            Result = result ?? (outcome == KlOutcome.Ok && !call.IsRead ? call.Value : null),
            Start = called,
            End = outcome == KlOutcome.Unknown ? null : Now,
            Outcome = outcome,
        }, member, call.IsRead, reason, isFinal, driver.SlotOf(call)));
        if (outcome == KlOutcome.Unknown)
            _process += processes;
        stop.ThrowIfCancellationRequested();
        return (outcome == KlOutcome.Ok, result);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
            await client.DisposeAsync();
    }

    // Nanoseconds since the start of the test.
    private long Now => clock.GetElapsedTime(start).Ticks * TimeSpan.NanosecondsPerTick;

    private async Task<T> LimitAsync<T>(Task<T> work, bool isConnecting, CancellationToken stop)
    {
        try
        {
            return await work.WaitAsync(timeout, clock, stop);
        }
        catch (TimeoutException error)
        {
            throw new DatabaseException(isConnecting, isConnecting ? DatabaseException.NotConnected : DatabaseException.TimedOut, error);
        }
    }

    // The driver gives up by its own time limits.
    private void Abandon()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
            _ = Task.Run(client.DisposeAsync);
    }
}
