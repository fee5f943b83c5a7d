using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Connects to members of Redis. A connection never goes anywhere else: the addresses that members tell cannot be reached from here.</summary>
internal sealed class RedisDriver(DriverOptions options, bool isSharded) : IDatabaseDriver
{
    // Without these commands, the client neither looks for other members nor decides by itself what a member accepts.
    private static readonly CommandMap Commands = CommandMap.Create(
        ["CLUSTER", "INFO", "CONFIG", "SENTINEL", "SUBSCRIBE", "CLIENT", "ECHO", "ROLE", "HELLO"], available: false);

    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = [DatabaseWorkload.Register, DatabaseWorkload.Set, DatabaseWorkload.Counter,
        DatabaseWorkload.ListAppend, DatabaseWorkload.Session];

    public async Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop) => isSharded
        ? new RedisClient(options, new RedisShards([member, .. options.Endpoints.Keys.Where(one => one != member)], OpenAsync))
        : new RedisClient(options, await OpenAsync(member));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IConnectionMultiplexer> OpenAsync(string member)
    {
        var milliseconds = (int)options.Timeout.TotalMilliseconds;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
            {
                EndPoints = { options.Endpoints[member] },
                Password = options.Password,
                CommandMap = Commands,
                Protocol = RedisProtocol.Resp2,
                AbortOnConnectFail = true,
                ConnectRetry = 1,
                ConnectTimeout = milliseconds,
                SyncTimeout = milliseconds,
                AsyncTimeout = milliseconds,
                BacklogPolicy = BacklogPolicy.FailFast,
                ConfigurationChannel = "",
                TieBreaker = "",
                TopologyRefreshSeconds = 0,
                SetClientLibrary = false,
            });
        }
        catch (RedisException error)
        {
            throw new DatabaseException(hadNoEffect: true, DatabaseException.NotConnected, error);
        }
    }
}
