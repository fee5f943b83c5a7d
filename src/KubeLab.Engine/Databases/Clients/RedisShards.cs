using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Sends each key to the member that has its hash slot. Only the names of members count: their addresses cannot be reached from here.</summary>
/// <param name="members">The members, in the order in which they are asked.</param>
/// <param name="open">Connects to a member.</param>
internal sealed class RedisShards(IReadOnlyList<string> members, Func<string, Task<IConnectionMultiplexer>> open) : IAsyncDisposable
{
    private const int Attempts = 5;

    // In scripts: as a command, CLUSTER would make the package connect to the addresses that the members tell.
    private const string Slots = "return redis.call('CLUSTER', 'SLOTS')";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<string, IConnectionMultiplexer> _connections = [];
    private List<(int First, int Last, string? Member)> _slots = [];

    /// <summary>The open connections.</summary>
    public IEnumerable<IDatabase> Databases => _connections.Values.Select(connection => connection.GetDatabase());

    /// <summary>Connects to all members that can be reached.</summary>
    public async Task<RedisShards> OpenAllAsync()
    {
        var all = new RedisShards(members, open);
        foreach (var member in members)
            try
            {
                await all.ConnectAsync(member);
            }
            catch (DatabaseException)
            {
                // Its replica or another member may be reached.
            }
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
        return _slots.Find(range => range.First <= slot && slot <= range.Last).Member
            ?? throw new DatabaseException(hadNoEffect: true, DatabaseException.NoQuorum);
    }

    private async Task RefreshAsync()
    {
        foreach (var member in members)
            try
            {
                _slots = [.. ((RedisResult[])(await (await ConnectAsync(member)).GetDatabase().ScriptEvaluateAsync(Slots))!).Select(Range)];
                return;
            }
            catch (Exception error) when (error is RedisException or DatabaseException or RedisTimeoutException or InvalidCastException)
            {
                // Another member knows as well.
                if (_connections.Remove(member, out var broken))
                    await broken.DisposeAsync();
            }
    }

    // First slot, last slot, and the primary, whose host name begins with that of the member.
    private (int First, int Last, string? Member) Range(RedisResult range)
    {
        var host = (string?)((RedisResult[])range[2]!)[0] ?? "";
        return ((int)range[0], (int)range[1], members.FirstOrDefault(member => host.StartsWith(member + ".", StringComparison.Ordinal)));
    }
}
