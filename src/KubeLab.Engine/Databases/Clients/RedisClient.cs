using System.Globalization;
using StackExchange.Redis;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>A client of Redis.</summary>
internal sealed class RedisClient : IDatabaseClient
{
    private const string CompareAndSet = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0";

    private readonly RedisKeys _keys;
    private readonly IConnectionMultiplexer? _connection;
    private readonly RedisShards? _shards;

    public RedisClient(RedisKeys keys, IConnectionMultiplexer connection) => (_keys, _connection) = (keys, connection);

    public RedisClient(RedisKeys keys, RedisShards shards) => (_keys, _shards) = (keys, shards);

    // Nothing is to be created. A write shows whether the member accepts writes.
    public Task CreateAsync(DatabaseWorkload workload, CancellationToken stop) => workload == DatabaseWorkload.Counter
        ? SendAsync(_keys.Of(workload, "0"), "SET", "0") : SendAsync(_keys.Of(workload, "created"), "SET", "1");

    public async Task DropAsync(DatabaseWorkload workload, CancellationToken stop)
    {
        foreach (var database in _shards is null ? [_connection!.GetDatabase()] : await _shards.OwnersAsync())
        {
            var cursor = "0";
            do
            {
                stop.ThrowIfCancellationRequested();
                var found = (RedisResult[])(await GuardAsync(() => database.ExecuteAsync("SCAN", cursor, "MATCH", _keys.Pattern, "COUNT", "1000")))!;
                cursor = (string)found[0]!;
                foreach (var key in (RedisKey[])found[1]!)
                    await GuardAsync(() => database.ExecuteAsync("UNLINK", [key], CommandFlags.NoRedirect));
            }
            while (cursor != "0");
        }
    }

    public async Task<object?> RunAsync(DatabaseCall call, CancellationToken stop)
    {
        switch (call.Workload, call.Function)
        {
            case (DatabaseWorkload.Set, "read"):
                var elements = new List<object?>();
                foreach (var part in _keys.OfSet)
                    elements.AddRange(((RedisResult[])(await SendAsync(part, "SMEMBERS"))!).Select(one => (object?)Number(one)));
                return elements;
            case (DatabaseWorkload.ListAppend, _):
                return call.Result(await StepsAsync(call));
        }
        var key = _keys.Of(call)!;
        switch (call.Workload, call.Function)
        {
            case (DatabaseWorkload.Set, _):
                await SendAsync(key, "SADD", RedisKeys.Text(call.Value));
                return null;
            case (DatabaseWorkload.Counter, "read"):
                return Number(await SendAsync(key, "GET"));
            case (DatabaseWorkload.Counter, _):
                await SendAsync(key, "INCRBY", RedisKeys.Text(call.Value));
                return null;
            case (_, "read"):
                return await SendAsync(key, "GET") is { IsNull: false } value ? Number(value) : null;
            case (_, "cas"):
                return Number(await OnAsync(key, database => database.ExecuteAsync("EVAL",
                    [CompareAndSet, "1", key, RedisKeys.Text(call.Swap.From), RedisKeys.Text(call.Swap.To)], CommandFlags.NoRedirect))) == 1
                    ? null : throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
            default:
                await SendAsync(key, "SET", RedisKeys.Text(call.Value));
                return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_shards is not null)
            await _shards.DisposeAsync();
    }

    private async Task<IReadOnlyList<IReadOnlyList<object?>?>> StepsAsync(DatabaseCall call)
    {
        var steps = call.Steps.Select(step => (Key: _keys.OfList(step.Key), step.Element)).ToArray();
        return await OnAsync(steps[0].Key, async database =>
        {
            var transaction = database.CreateTransaction();
            var answers = steps.Select(step => step.Element is { } element
                ? transaction.ExecuteAsync("RPUSH", [(RedisKey)step.Key, RedisKeys.Text(element)], CommandFlags.NoRedirect)
                : transaction.ExecuteAsync("LRANGE", [(RedisKey)step.Key, "0", "-1"], CommandFlags.NoRedirect)).ToArray();
            if (!await transaction.ExecuteAsync(CommandFlags.NoRedirect))
                throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
            var results = await Task.WhenAll(answers);
            return (IReadOnlyList<IReadOnlyList<object?>?>)[.. results.Zip(steps, (result, step) => step.Element is null
                ? (IReadOnlyList<object?>)[.. ((RedisResult[])result!).Select(one => (object?)Number(one))] : null)];
        });
    }

    private Task<RedisResult> SendAsync(string key, string command, params string[] arguments) =>
        OnAsync(key, database => database.ExecuteAsync(command, [(RedisKey)key, .. arguments], CommandFlags.NoRedirect));

    private Task<T> OnAsync<T>(string key, Func<IDatabase, Task<T>> work) =>
        _shards is null ? GuardAsync(() => work(_connection!.GetDatabase())) : _shards.RunAsync(key, database => GuardAsync(() => work(database)));

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (RedisServerException error)
        {
            // The server answered with an error, so it did not execute the command.
            throw new DatabaseException(hadNoEffect: true, Reason(error.Kind), error);
        }
        catch (Exception error) when (error is RedisException or RedisCommandException or RedisTimeoutException or ObjectDisposedException
            or OperationCanceledException or InvalidCastException)
        {
            throw new DatabaseException(error is RedisConnectionException { CommandStatus: CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog },
                error is RedisTimeoutException ? DatabaseException.TimedOut : DatabaseException.ConnectionLost, error);
        }
    }

    /// <summary>The reason for an error of the server.</summary>
    internal static string Reason(RedisErrorKind kind) => kind switch
    {
        RedisErrorKind.ReadOnly => DatabaseException.ReadOnly,
        RedisErrorKind.ClusterDown or RedisErrorKind.MasterDown or RedisErrorKind.NoReplicas => DatabaseException.NoQuorum,
        RedisErrorKind.NoAuth or RedisErrorKind.WrongPass => DatabaseException.LoginRejected,
        RedisErrorKind.Loading or RedisErrorKind.MaxClients => DatabaseException.NotConnected,
        _ => DatabaseException.Rejected,
    };

    private static long Number(RedisResult result) =>
        long.TryParse((string?)result, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number : throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected);
}
