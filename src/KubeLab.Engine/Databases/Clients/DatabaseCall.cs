namespace KubeLab.Engine.Databases.Clients;

/// <summary>What the clients of a test do. Each workload has a table or a key prefix of its own.</summary>
public enum DatabaseWorkload
{
    /// <summary>Registers: read, write, compare-and-set.</summary>
    Register,

    /// <summary>A set: add, read.</summary>
    Set,

    /// <summary>A counter: add, read.</summary>
    Counter,

    /// <summary>A bank: transfer, read.</summary>
    Bank,

    /// <summary>Transactions that append to lists and read them.</summary>
    ListAppend,

    /// <summary>Registers, for what each client is guaranteed: read, write.</summary>
    Session,
}

/// <summary>An operation, with function, key and value as a history has them.</summary>
internal sealed record DatabaseCall(DatabaseWorkload Workload, string Function, object? Key, object? Value)
{
    /// <summary>The accounts of the bank.</summary>
    public static IReadOnlyList<string> Accounts { get; } = ["a", "b", "c", "d", "e"];

    /// <summary>The balance of each account at the beginning.</summary>
    public const long Balance = 20;

    /// <summary>Keys of lists with the same remainder are in one shard.</summary>
    public const int ListGroups = 2;

    /// <summary>The steps of a transaction: what to append, or null for a read.</summary>
    public IReadOnlyList<(long Key, long? Element)> Steps =>
        [.. ((IReadOnlyList<object?>)Value!).Cast<IReadOnlyList<object?>>().Select(step => ((long)step[1]!, (long?)step[2]))];

    /// <summary>Whether it changes nothing.</summary>
    public bool IsRead => Function == "read" || (Function == "txn" && Steps.All(step => step.Element is null));

    /// <summary>The two values of a compare-and-set.</summary>
    public (long From, long To) Swap => Value is IReadOnlyList<object?> { Count: 2 } pair ? ((long)pair[0]!, (long)pair[1]!) : default;

    /// <summary>The accounts and the amount of a transfer.</summary>
    public (string From, string To, long Amount) Transfer =>
        Value is IReadOnlyDictionary<object, object?> map ? ((string)map["from"]!, (string)map["to"]!, (long)map["amount"]!) : default;

    /// <summary>The steps of the transaction with what they read.</summary>
    public IReadOnlyList<object?> Result(IEnumerable<IReadOnlyList<object?>?> lists) => [.. Steps.Zip(lists, (step, list) =>
        (object?)(step.Element is { } element ? new object?[] { "append", step.Key, element } : ["r", step.Key, list]))];
}
