using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Sends each key to the member that has its hash slot. Members are known by their identifiers, because the addresses that they tell each other
/// cannot be reached from here.</summary>
/// <param name="members">The members, in the order in which they are asked.</param>
/// <param name="open">Connects to a member.</param>
internal sealed class RedisShards(IReadOnlyList<string> members, Func<string, Task<IConnectionMultiplexer>> open) : IAsyncDisposable
{
    private const int Attempts = 5;

    // In scripts: as a command, CLUSTER would make the package connect to the addresses that the members tell.
    private const string MyId = "return redis.call('CLUSTER', 'MYID')", Slots = "return redis.call('CLUSTER', 'SLOTS')";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<string, IConnectionMultiplexer> _connections = [];
    private readonly Dictionary<string, string> _names = [];
    private List<(int First, int Last, string Id)> _slots = [];

    /// <summary>The open connections.</summary>
    public IEnumerable<IDatabase> Databases => _connections.Values.Select(connection => connection.GetDatabase());

    /// <summary>Connects to all members that can be reached.</summary>
    public async Task<RedisShards> OpenAllAsync()
    {
        var all = new RedisShards(members, open);
        await all.RefreshAsync();
        return all;
    }

    /// <summary>Runs work on the member that has the slot of a key. If the slot has moved, it asks again.</summary>
    public async Task<T> RunAsync<T>(string key, Func<IDatabase, Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            var member = await OwnerAsync(RedisSlot.Of(key));
            try
            {
                return await work((await ConnectAsync(member)).GetDatabase());
            }
            catch (DatabaseException error)
            {
                _slots = [];
                // Not executed, because the slot has moved, or is moving: then it is complete soon.
                var isMoving = error.InnerException is RedisServerException { Kind: RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.TryAgain };
                if (!isMoving && _connections.Remove(member, out var broken))
                    await broken.DisposeAsync();
                if (!isMoving || attempt == Attempts)
                    throw;
                await Task.Delay(Pause);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.DisposeAsync();
    }

    private async Task<IConnectionMultiplexer> ConnectAsync(string member) =>
        _connections.TryGetValue(member, out var connection) ? connection : _connections[member] = await open(member);

    private async Task<string> OwnerAsync(int slot)
    {
        if (_slots.Count == 0)
            await RefreshAsync();
        var id = _slots.Find(range => range.First <= slot && slot <= range.Last).Id;
        return id is not null && _names.TryGetValue(id, out var member) ? member : throw new DatabaseException(hadNoEffect: true, DatabaseException.NoQuorum);
    }

    private async Task RefreshAsync()
    {
        foreach (var member in members)
            try
            {
                var database = (await ConnectAsync(member)).GetDatabase();
                if (!_names.ContainsValue(member) && (string?)await database.ScriptEvaluateAsync(MyId) is { } name)
                    _names[name] = member;
                if (_slots.Count == 0)
                    _slots = [.. ((RedisResult[])(await database.ScriptEvaluateAsync(Slots))!).Select(Range)];
            }
            catch (Exception error) when (error is RedisException or DatabaseException or RedisTimeoutException or InvalidCastException)
            {
                // Another member knows as well.
                if (_connections.Remove(member, out var broken))
                    await broken.DisposeAsync();
            }
    }

    // First slot, last slot, and the primary: address, port, identifier.
    private static (int First, int Last, string Id) Range(RedisResult range) =>
        ((int)range[0], (int)range[1], (string)((RedisResult[])range[2]!)[2]!);
}
