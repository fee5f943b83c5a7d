using KubeLab.Engine.Databases;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Reliability.Workloads;

namespace KubeLab.Tests.Databases;

public sealed class DatabaseStatusTests
{
    // foo has the slot 12182, bar the slot 5061 (Redis cluster specification and redis-cli cluster keyslot).
    [Theory]
    [InlineData("foo", "db-1")]
    [InlineData("bar", "db-0")]
    [InlineData("{bar}.foo", "db-0")]
    public void A_key_belongs_to_the_shard_with_its_slot(string key, string primary) => Assert.Equal(primary, Assert.Single(
        DatabaseStatus.ShardsOf(Sharded(Shard("db-0", "0-8000"), Shard("db-1", "8001-16383")), key)).Primary);

    [Fact]
    public void A_key_of_a_slot_that_no_member_has_belongs_to_no_shard() =>
        Assert.Empty(DatabaseStatus.ShardsOf(Sharded(Shard("db-0", "0-100")), "foo"));

    [Fact]
    public void A_database_without_shards_has_all_keys_on_every_member() => Assert.Equal(ErrorIds.DatabaseModeInvalid,
        Assert.Throws<KlException>(() => DatabaseStatus.ShardsOf(TestedDatabase.Of(2), "foo")).ErrorId);

    [Theory]
    [InlineData(DatabaseEngine.Etcd, "leader follower follower", true)]
    [InlineData(DatabaseEngine.Etcd, "follower follower follower", false)]
    [InlineData(DatabaseEngine.Redis, "primary primary replica", false)]
    [InlineData(DatabaseEngine.Galera, "member member member", true)]
    [InlineData(DatabaseEngine.Galera, "member member", false)]
    public void A_database_is_ready_if_all_members_answer_and_those_that_have_a_primary_have_one(DatabaseEngine engine, string roles, bool isReady)
    {
        var (database, words) = (TestedDatabase.Of(3), roles.Split(' '));
        database = database with
        {
            Engine = engine,
            Members = [.. database.Members.Select((one, index) => one with { Role = words.ElementAtOrDefault(index), State = "state" })],
        };

        Assert.Equal(isReady ? VerdictState.Ready : VerdictState.Pending, DatabaseStatus.Judge(database).State);
    }

    private static KlDatabase Sharded(params KlDatabaseShard[] shards) => TestedDatabase.Of(2) with { Mode = DatabaseMode.Sharded, Shards = [.. shards] };

    private static KlDatabaseShard Shard(string primary, string slots) => new() { Primary = primary, Replicas = [], Slots = slots, SlotCount = 0 };
}
