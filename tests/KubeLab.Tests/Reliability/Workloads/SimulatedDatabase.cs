using KubeLab.Engine.Databases.Clients;

namespace KubeLab.Tests.Reliability.Workloads;

internal enum Flaw
{
    None,

    /// <summary>Members other than the first never get what was written.</summary>
    StaleReplicas,

    /// <summary>Some writes are acknowledged, but not stored.</summary>
    LosesWrites,

    /// <summary>Some writes take effect, but there is no answer.</summary>
    DoesNotAnswer,

    /// <summary>No member accepts writes.</summary>
    ReadOnly,

    /// <summary>No member accepts the password.</summary>
    RejectsLogins,
}

/// <summary>A database in memory. Operations take effect one after the other.</summary>
internal sealed class SimulatedDatabase(Flaw flaw) : IDatabaseDriver
{
    private const int FlawedWrite = 20;
    private readonly Lock _lock = new();
    private readonly Data _data = new();
    private readonly TaskCompletionSource _isEnough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations;
    private int _writes;

    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = Enum.GetValues<DatabaseWorkload>();

    /// <summary>The number of operations until <see cref="IsEnough"/>.</summary>
    public int Enough { get; init; } = 1200;

    /// <summary>Ends after enough operations.</summary>
    public Task IsEnough => _isEnough.Task;

    public Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop) => flaw == Flaw.RejectsLogins
        ? Task.FromException<IDatabaseClient>(new DatabaseException(hadNoEffect: true, DatabaseException.LoginRejected))
        : Task.FromResult<IDatabaseClient>(new Client(this, member));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<object?> RunAsync(string member, DatabaseCall call)
    {
        lock (_lock)
        {
            if (++_operations == Enough)
                _isEnough.SetResult();
            var isFlawed = !call.IsRead && ++_writes % FlawedWrite == 0;
            if (isFlawed && flaw == Flaw.LosesWrites)
                return Task.FromResult<object?>(null);
            try
            {
                var result = (flaw == Flaw.StaleReplicas && call.IsRead && member != "db-0" ? new Data() : _data).Run(call);
                return isFlawed && flaw == Flaw.DoesNotAnswer ? new TaskCompletionSource<object?>().Task : Task.FromResult(result);
            }
            catch (DatabaseException error)
            {
                return Task.FromException<object?>(error);
            }
        }
    }

    private sealed class Client(SimulatedDatabase database, string member) : IDatabaseClient
    {
        public Task CreateAsync(DatabaseWorkload workload, CancellationToken stop) => database.Accepts;

        public Task<object?> RunAsync(DatabaseCall call, CancellationToken stop) => database.RunAsync(member, call);

        public Task DropAsync(DatabaseWorkload workload, CancellationToken stop) => database.Accepts;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private Task Accepts => flaw == Flaw.ReadOnly
        ? Task.FromException(new DatabaseException(hadNoEffect: true, DatabaseException.ReadOnly)) : Task.CompletedTask;

    private sealed class Data
    {
        private readonly Dictionary<(DatabaseWorkload, object), long> _registers = [];
        private readonly Dictionary<string, long> _accounts = DatabaseCall.Accounts.ToDictionary(account => account, _ => DatabaseCall.Balance);
        private readonly Dictionary<long, List<object?>> _lists = [];
        private readonly List<object?> _set = [];
        private long _counter;

        public object? Run(DatabaseCall call)
        {
            switch (call.Workload, call.Function)
            {
                case (DatabaseWorkload.Set, "read"):
                    return _set.ToArray();
                case (DatabaseWorkload.Set, _):
                    _set.Add(call.Value);
                    return null;
                case (DatabaseWorkload.Counter, "read"):
                    return _counter;
                case (DatabaseWorkload.Counter, _):
                    _counter += (long)call.Value!;
                    return null;
                case (DatabaseWorkload.Bank, "read"):
                    return _accounts.ToDictionary(one => (object)one.Key, one => (object?)one.Value);
                case (DatabaseWorkload.Bank, _):
                    var (from, to, amount) = call.Transfer;
                    Expect(_accounts[from] >= amount);
                    _accounts[from] -= amount;
                    _accounts[to] += amount;
                    return null;
                case (DatabaseWorkload.ListAppend, _):
                    return call.Result([.. call.Steps.Select(step => List(step.Key, step.Element))]);
                case (_, "read"):
                    return _registers.TryGetValue((call.Workload, call.Key!), out var value) ? value : null;
                case (_, "cas"):
                    Expect(_registers.TryGetValue((call.Workload, call.Key!), out var current) && current == call.Swap.From);
                    _registers[(call.Workload, call.Key!)] = call.Swap.To;
                    return null;
                default:
                    _registers[(call.Workload, call.Key!)] = (long)call.Value!;
                    return null;
            }
        }

        private object?[]? List(long key, long? added)
        {
            var list = _lists.TryGetValue(key, out var found) ? found : _lists[key] = [];
            if (added is null)
                return [.. list];
            list.Add(added);
            return null;
        }

        private static void Expect(bool condition)
        {
            if (!condition)
                throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
        }
    }
}
