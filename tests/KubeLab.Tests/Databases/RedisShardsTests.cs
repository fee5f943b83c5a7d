using KubeLab.Engine.Databases.Clients;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace KubeLab.Tests.Databases;

public sealed class RedisShardsTests
{
    [Fact]
    public async Task A_connection_that_takes_long_to_open_serves_the_next_attempt()
    {
        var clock = new FakeTimeProvider();
        var opening = new TaskCompletionSource<IConnectionMultiplexer>();
        var opened = 0;
        await using var shards = new RedisShards(["redis-0"], _ => { opened++; return opening.Task; }, clock);

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var run = shards.RunAsync("key", _ => Task.FromResult(0));
            clock.Advance(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAsync<DatabaseException>(() => run);
        }
        Assert.Equal(1, opened);

        // A connection that was not opened is replaced.
        opening.SetException(new DatabaseException(hadNoEffect: true, DatabaseException.NotConnected));
        for (var attempt = 1; attempt <= 2; attempt++)
            await Assert.ThrowsAsync<DatabaseException>(() => shards.RunAsync("key", _ => Task.FromResult(0)));
        Assert.Equal(2, opened);
    }
}
