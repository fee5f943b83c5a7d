using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Connects to members of Redis. A connection never goes anywhere else: the addresses that members tell cannot be reached from here.</summary>
internal sealed class RedisDriver(DriverOptions options, bool isSharded) : IDatabaseDriver
{
    // Without these commands, the client neither looks for other members nor decides by itself what a member accepts.
    private static readonly CommandMap Commands = CommandMap.Create(
        ["CLUSTER", "INFO", "CONFIG", "SENTINEL", "SUBSCRIBE", "CLIENT", "ECHO", "ROLE", "HELLO"], available: false);

    private readonly RedisKeys _keys = new(options.Prefix, isSharded);

    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = [DatabaseWorkload.Register, DatabaseWorkload.Set, DatabaseWorkload.Counter,
        DatabaseWorkload.ListAppend, DatabaseWorkload.Session];

    public async Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop) => isSharded
        ? new RedisClient(_keys, new RedisShards([member, .. options.Members.Where(one => one != member)], OpenAsync, options.Clock))
        : new RedisClient(_keys, await OpenAsync(member));

    public int? SlotOf(DatabaseCall call) => isSharded && _keys.Of(call) is { } key ? RedisSlot.Of(key) : null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IConnectionMultiplexer> OpenAsync(string member)
    {
        var (address, milliseconds) = (await options.AddressOf(member), (int)options.Timeout.TotalMilliseconds);
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
            {
                EndPoints = { address },
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
            throw new DatabaseException(hadNoEffect: true, error is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
                ? DatabaseException.LoginRejected : DatabaseException.NotConnected, error);
        }
    }
}
