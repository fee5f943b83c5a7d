using KubeLab.Engine.Databases.Clients;

namespace KubeLab.Engine.Reliability.Workloads;

/// <summary>Chooses the operations of a workload. Values are unique, and keys are replaced by new ones, so that checks stay small. Thread-safe.</summary>
/// <param name="workload">The workload.</param>
/// <param name="random">Chooses.</param>
internal sealed class WorkloadGenerator(DatabaseWorkload workload, Random random)
{
    private const int OperationsPerKey = 60;
    private const int AppendsPerKey = 32;
    private const int OldKeys = 50;
    private const int Lists = 4;
    private readonly Lock _lock = new();
    private readonly long[] _keys = [0, 1, 2, 3];
    private readonly long[] _appends = new long[Lists];
    private long _count;
    private long _value;
    private long _latest;

    /// <summary>The operation that reads all there is.</summary>
    public DatabaseCall Read => new(workload, "read", null, null);

    /// <summary>The next operation.</summary>
    public DatabaseCall Next()
    {
        lock (_lock)
            return workload switch
            {
                DatabaseWorkload.Register => Register(_count++ / OperationsPerKey),
                DatabaseWorkload.Session => Register(random.Next(3), hasSwap: false),
                DatabaseWorkload.Set => random.Next(10) == 0 ? Read : new(workload, "add", null, _value++),
                DatabaseWorkload.Counter => random.Next(3) == 0 ? Read : new(workload, "add", null, (long)random.Next(1, 6)),
                DatabaseWorkload.Bank => random.Next(2) == 0 ? Read : new(workload, "transfer", null, Transfer()),
                _ => new(workload, "txn", null, Steps()),
            };
    }

    private DatabaseCall Register(long key, bool hasSwap = true)
    {
        var choice = random.Next(100);
        // A replica that lags is the more visible the older the key is.
        if (choice < 50)
            return new(workload, "read", hasSwap && choice < 10 ? Math.Max(0, key - random.Next(OldKeys)) : key, null);
        var (old, value) = (_latest, _latest = ++_value);
        return hasSwap && choice < 65 ? new(workload, "cas", key, new object?[] { old, value }) : new(workload, "write", key, value);
    }

    private Dictionary<object, object?> Transfer()
    {
        var from = random.Next(DatabaseCall.Accounts.Count);
        var to = (from + random.Next(1, DatabaseCall.Accounts.Count)) % DatabaseCall.Accounts.Count;
        return new() { ["from"] = DatabaseCall.Accounts[from], ["to"] = DatabaseCall.Accounts[to], ["amount"] = (long)random.Next(1, 6) };
    }

    // Keys with the same remainder are in one shard. A transaction uses only these.
    private object?[] Steps()
    {
        var group = random.Next(DatabaseCall.ListGroups);
        return [.. Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => (object?)Step(group + DatabaseCall.ListGroups * random.Next(Lists / DatabaseCall.ListGroups)))];
    }

    private object?[] Step(int list)
    {
        if (random.Next(2) == 0)
            return ["r", _keys[list], null];
        if (_appends[list]++ == AppendsPerKey)
            (_keys[list], _appends[list]) = (_keys[list] + Lists, 1);
        return ["append", _keys[list], ++_value];
    }
}
