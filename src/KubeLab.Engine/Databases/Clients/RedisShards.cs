using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Sends each key to the member that has its hash slot. Only the names of members count: their addresses cannot be reached from here.</summary>
/// <param name="members">The members, in the order in which they are asked.</param>
/// <param name="open">Connects to a member.</param>
/// <param name="clock">The clock.</param>
internal sealed class RedisShards(IReadOnlyList<string> members, Func<string, Task<IConnectionMultiplexer>> open, TimeProvider clock) : IAsyncDisposable
{
    private const int Attempts = 5;

    // In scripts: as a command, CLUSTER would make the package connect to the addresses that the members tell.
    private const string Slots = "return redis.call('CLUSTER', 'SLOTS')";

    // A member that does not answer must not keep the others from being asked.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), SlotsTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task<IConnectionMultiplexer>> _connections = new();
    private List<(int First, int Last, string? Member)> _slots = [];

    /// <summary>Connects to all members that have slots, also to those that were added later.</summary>
    /// <exception cref="DatabaseException">A member was not reached.</exception>
    public async Task<IReadOnlyList<IDatabase>> OwnersAsync()
    {
        _slots = [];
        await RefreshAsync();
        var owners = new List<IDatabase>();
        foreach (var member in _slots.Select(range => range.Member).Distinct())
            owners.Add((await ConnectAsync(member ?? throw NoOwner())).GetDatabase());
        return owners.Count > 0 ? owners : throw NoOwner();
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
                if (!isMoving)
                    Abandon(member);
                if (!isMoving || attempt == Attempts)
                    throw;
                await Task.Delay(Pause, clock);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var member in _connections.Keys)
            Abandon(member);
        return ValueTask.CompletedTask;
    }

    private Task<IConnectionMultiplexer> ConnectAsync(string member) => _connections.GetOrAdd(member, open);

    // Ends the connection, also one that is still being opened.
    private void Abandon(string member)
    {
        if (_connections.TryRemove(member, out var broken))
            _ = CloseAsync(broken);
    }

    private static async Task CloseAsync(Task<IConnectionMultiplexer> connection)
    {
        try
        {
            await (await connection).DisposeAsync();
        }
        catch (DatabaseException)
        {
            // It was not opened.
        }
    }

    private async Task<string> OwnerAsync(int slot)
    {
        if (_slots.Count == 0)
            await RefreshAsync();
        return _slots.Find(range => range.First <= slot && slot <= range.Last).Member ?? throw NoOwner();
    }

    private static DatabaseException NoOwner() => new(hadNoEffect: true, DatabaseException.NoQuorum);

    private async Task RefreshAsync()
    {
        foreach (var member in members)
            try
            {
                _slots = [.. ((RedisResult[])(await AskAsync(member).WaitAsync(SlotsTimeout, clock))!).Select(Range)];
                return;
            }
            catch (Exception error) when (error is RedisException or DatabaseException or TimeoutException or InvalidCastException)
            {
                // Another member knows as well. The next attempt uses a connection that is still being opened: on a slow computer, that takes longer.
                if (error is not TimeoutException || _connections.GetValueOrDefault(member) is { IsCompleted: true })
                    Abandon(member);
            }
    }

    private async Task<RedisResult> AskAsync(string member) => await (await ConnectAsync(member)).GetDatabase().ScriptEvaluateAsync(Slots);

    // First slot, last slot, and the primary.
    private (int First, int Last, string? Member) Range(RedisResult range) =>
        ((int)range[0], (int)range[1], MemberOf((string?)((RedisResult[])range[2]!)[0] ?? "", members));

    /// <summary>The member that a host name belongs to, such as redis-7 for redis-7.redis-members.default.svc, or null. It may have been added after the
    /// test began; its name differs only in the number.</summary>
    internal static string? MemberOf(string host, IReadOnlyList<string> members)
    {
        var name = host.Split('.')[0];
        var number = members[0].LastIndexOf('-') + 1;
        return members.Contains(name) || name.StartsWith(members[0][..number], StringComparison.Ordinal)
            && byte.TryParse(name.AsSpan(number), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? name : null;
    }
}
