using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Tests.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Workloads;

public sealed class DatabaseTestJudgeTests
{
    [Theory]
    [InlineData("0 0-100 write:x=1|1 1300-1400 read:x=1", 0)]
    [InlineData("0 0-100 write:x=1|0 200-300 write:x=2|1 1300-1400 read:x=1", 1000)]
    // The read began before the newer write was complete.
    [InlineData("0 0-100 write:x=1|0 200-300 write:x=2|1 300-1400 read:x=1", 0)]
    // Of several newer writes, the one that was complete first. It need not have begun first.
    [InlineData("0 0-100 write:x=1|0 200-800 write:x=2|2 400-500 write:x=3|1 1300-1400 read:x=1", 800)]
    [InlineData("0 0-100 write:x=1|0 200-300 write:x=2|2 400-500 write:x=3|1 1300-1400 read:x=2", 800)]
    // Writes at the same time: either may be the newer one.
    [InlineData("0 0-200 write:x=1|2 200-300 write:x=2|1 1300-1400 read:x=1", 0)]
    // Nothing was read.
    [InlineData("0 0-100 write:x=1|1 1100-1200 read:x=nil", 1000)]
    [InlineData("0 0-100 write:x=1|1 1100-1200 read:y=nil", 0)]
    // A write without an answer may take effect at any time, and a failed one never does.
    [InlineData("0 0-100? write:x=1|0 200-300 write:x=2|1 1300-1400 read:x=1", 0)]
    [InlineData("0 0-100 write:x=1|0 200-300? write:x=2|1 1300-1400 read:x=1", 0)]
    [InlineData("0 0-100 write:x=1|0 200-300! write:x=2|1 1300-1400 read:x=1", 0)]
    [InlineData("0 0-100 write:x=1|0 200-300 cas:x=[1 2]|1 1300-1400 read:x=1", 1000)]
    [InlineData("0 0-100 write:x=1|0 200-300 cas:x=[1 2]|1 1300-1400 read:x=2", 0)]
    // The stalest read of all.
    [InlineData("0 0-100 write:x=1|1 600-700 read:x=nil|1 1100-1200 read:x=nil|1 1300-1400 read:x=1", 1000)]
    public void The_age_of_a_value_counts_from_a_newer_write(string history, long nanoseconds) =>
        Assert.Equal(nanoseconds, (Staleness.Of(OperationText.Parse(history)) ?? TimeSpan.Zero).Ticks * TimeSpan.NanosecondsPerTick);

    [Theory]
    [InlineData("0 1000-1001 read=[1 2]|1 1000-1001 read=[1]", 0, "db-0 0, db-1 1")]
    [InlineData("0 1000-1001 read=[1]|1 1000-1001 read=[1 3]", 1, "db-0 1, db-1 1")]
    [InlineData("0 1000-1001 read=[1]|1 1000-1001 read=[2]", 0, "db-0 1, db-1 1")]
    // A member that did not answer may have the element.
    [InlineData("0 1000-1001 read=[1]|1 1000-1001! read=nil", null, "db-0 1")]
    [InlineData("0 1000-1001 read=[1]", null, "db-0 1")]
    // The last read counts.
    [InlineData("0 1000-1001 read=[]|1 1000-1001 read=[]|0 1002-1003 read=[1 2]|1 1002-1003 read=[2]", 0, "db-0 0, db-1 1")]
    [InlineData("0 1000-1001 read=[1]|0 1002-1003! read=nil|1 1000-1001 read=[1]", null, "db-1 1")]
    public void Acknowledged_writes_are_lost_if_no_member_has_them(string reads, int? lost, string missing)
    {
        var test = TestedDatabase.Judge(2, TestedDatabase.Operations(DatabaseWorkload.Set, $"0 0-1 add=1|1 2-3 add=2|0 4-5? add=3|0 6-7! add=4|{reads}"));

        Assert.Equal((2, lost), (test.Acknowledged, test.Lost));
        Assert.Equal(missing, string.Join(", ", test.Missing.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}")));
    }

    [Fact]
    public void A_stale_read_of_the_set_counts() => Assert.Equal(TimeSpan.FromTicks(3),
        TestedDatabase.Judge(1, TestedDatabase.Operations(DatabaseWorkload.Set, "0 0-100 add=1|1 400-500 read=[]|0 600-700 read=[1]")).StalestRead);

    [Theory]
    [InlineData("0 0-1? write:x=1|1 2-3! read:x=nil", KlVerdict.Unknown)]
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=1", KlVerdict.True)]
    [InlineData("0 0-1 write:x=1|1 2-3 read:x=nil", KlVerdict.False)]
    public void Without_a_successful_operation_the_verdict_is_unknown(string history, KlVerdict verdict)
    {
        var test = TestedDatabase.Judge(2, TestedDatabase.Operations(DatabaseWorkload.Register, history));

        Assert.Equal((verdict, verdict), (test.Linearizable, Assert.Single(test.Workloads).Consistent));
    }

    [Fact]
    public void Only_the_load_counts_for_availability_and_throughput()
    {
        var set = TestedDatabase.Operations(DatabaseWorkload.Set, "0 0-1 add=1|1 2-3? add=2|1 4-5! read=nil|0 1000-1001 read=[1]");
        var conflict = TestedDatabase.Operations(DatabaseWorkload.Register, "1 2-3! cas:x=[1 2]")[0] with { Reason = DatabaseException.Conflict };

        var test = TestedDatabase.Judge(2, [.. set, conflict]);

        Assert.Equal("db-0 0/0 1/1, db-1 0/1 1/2", Text(test.Availability));
        Assert.Equal(0.5, test.OperationsPerSecond);
        Assert.Equal((null, null, 0), (test.IsolationHeld, test.StalestRead, test.Sides.Length));
    }

    [Fact]
    public void The_availability_of_a_shard_is_that_of_its_slots()
    {
        var database = TestedDatabase.Of(2) with
        {
            Shards = [Shard("db-0", "0-99,300"), Shard("db-1", "100-299")],
        };
        var read = TestedDatabase.Operations(DatabaseWorkload.Register, "0 0-1 read:x=nil")[0];
        var failed = read with { Reason = DatabaseException.TimedOut };

        var test = DatabaseTestJudge.Judge(database, TestedDatabase.Options, null,
            [read with { Slot = 99 }, failed with { Slot = 300 }, read with { Slot = 100 }, read], [],
            TestedDatabase.Started, TimeSpan.FromSeconds(2), [], CancellationToken.None);

        Assert.Equal("db-0 (0-99,300) 1/2 0/0, db-1 (100-299) 1/1 0/0", Text(test.Shards));

        static KlDatabaseShard Shard(string primary, string slots) => new() { Primary = primary, Replicas = [], Slots = slots, SlotCount = 0 };
    }

    [Theory]
    [InlineData("db-1.db-members.default.svc", "db-1")]
    // A member that was added during the test.
    [InlineData("db-7.db-members.default.svc", "db-7")]
    [InlineData("other-0.example.com", null)]
    [InlineData("db-", null)]
    [InlineData("db-1x.example.com", null)]
    [InlineData("db-1000", null)]
    [InlineData("", null)]
    public void A_host_belongs_to_a_member_of_the_database(string host, string? member) => Assert.Equal(member, RedisShards.MemberOf(host, ["db-1", "db-0"]));

    [Fact]
    public void A_history_is_in_the_order_of_the_calls()
    {
        var history = DatabaseTestJudge.History("one", DatabaseWorkload.Register, [
            .. TestedDatabase.Operations(DatabaseWorkload.Register, "0 4-9 write:x=1|1 2-3 read:x=nil"),
            .. TestedDatabase.Operations(DatabaseWorkload.Set, "0 0-1 add=1")]);

        Assert.Equal([(0, 2L), (1, 4L)], history.Operations.Select(one => (one.Index, one.Start)));
        Assert.True(history.HasTimes);
    }

    internal static string Text(IEnumerable<KlDatabaseAvailability> groups) => string.Join(", ", groups.Select(one =>
        $"{one.Name} {one.ReadsAnswered}/{one.Reads} {one.WritesAnswered}/{one.Writes}"));
}
