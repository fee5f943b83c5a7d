using System.Globalization;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Reliability.Workloads;

namespace KubeLab.Tests.Reliability.Workloads;

public sealed class PartitionTests
{
    [Theory]
    [InlineData(3, "default/db-0 default/db-1,default/db-2", "majority (db-1, db-2) 2, minority (db-0) 1")]
    [InlineData(3, "default/db-1 default/db-0|default/db-1 default/db-2", "majority (db-0, db-2) 2, minority (db-1) 1")]
    // The members are divided only in part, or in one direction.
    [InlineData(3, "default/db-0 default/db-1", "")]
    [InlineData(3, "default/db-0 default/db-1,default/db-2 Inbound", "")]
    // Not members, or not of this database.
    [InlineData(3, "default/db-0 default/other", "")]
    [InlineData(3, "other/db-0 other/db-1,other/db-2", "")]
    [InlineData(3, "node-1 node-2,node-3", "")]
    [InlineData(2, "default/db-0 default/db-1", "minority (db-0) 1, minority (db-1) 1")]
    [InlineData(4, "default/db-0 default/db-2,default/db-3|default/db-1 default/db-2,default/db-3", "minority (db-0, db-1) 2, minority (db-2, db-3) 2")]
    [InlineData(3, "default/db-0 default/db-1,default/db-2|default/db-1 default/db-2", "minority (db-0) 1, minority (db-1) 1, minority (db-2) 1")]
    public void Sides_are_the_members_that_are_still_connected(int members, string faults, string sides) =>
        Assert.Equal(sides, string.Join(", ", Judge(members, [.. faults.Split('|').Select(Fault)],
            [.. Enumerable.Range(0, members).Select(member => Read($"db-{member}", 12, 13))]).Sides.Select(side => $"{side.Name} {side.Reads}")));

    [Theory]
    [InlineData(12, 13, true)]
    [InlineData(10, 20, true)]
    // The partition began or ended during the operation.
    [InlineData(9, 11, false)]
    [InlineData(19, 21, false)]
    [InlineData(9, 21, false)]
    [InlineData(1, 2, false)]
    [InlineData(21, 22, false)]
    public void Only_operations_within_the_partition_count(double start, double end, bool counts) => Assert.Equal(counts ? 1 : 0,
        Judge(3, [Fault("default/db-0 default/db-1,default/db-2")], Read("db-0", start, end)).Sides.Length);

    [Fact]
    public void A_partition_that_was_ended_early_counts_until_then()
    {
        var fault = Fault("default/db-0 default/db-1,default/db-2") with { Ended = TestedDatabase.Started.AddSeconds(15) };

        Assert.Equal(1, Judge(3, [fault], Read("db-0", 14, 15), Read("db-0", 16, 17)).Sides.Single().Reads);
    }

    [Theory]
    [InlineData(1, KlVerdict.True, 0, "", "CA: The database has one server")]
    [InlineData(1, KlVerdict.False, 0, "", "neither: The database was not linearizable")]
    [InlineData(1, KlVerdict.True, 2, "", "neither: Acknowledged writes were lost")]
    [InlineData(1, KlVerdict.Unknown, 0, "", "unknown: Linearizability was not decided")]
    [InlineData(3, KlVerdict.True, 0, "", "unknown: There was no network partition")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 9/9", "unknown: There were too few operations")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 9/9|minority 0/2 0/2", "unknown: There were too few operations")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 9/9|minority 0/9 0/4", "unknown: There were too few writes")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 9/9|minority 9/9 0/9", "CP: ")]
    [InlineData(3, KlVerdict.True, null, "majority 9/9 1/9|minority 0/9 0/9", "CP: ")]
    [InlineData(3, KlVerdict.True, 0, "majority 99/99 99/99|minority 4/99 3/99", "CP: ")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 0/9|minority 0/9 0/9", "unknown: ")]
    [InlineData(3, KlVerdict.True, 0, "majority 9/9 9/9|minority 0/9 1/9", "unknown: ")]
    [InlineData(2, KlVerdict.True, 0, "minority 9/9 9/9|minority 0/9 0/9", "unknown: The database was linearizable, but no side had a majority")]
    [InlineData(3, KlVerdict.Unknown, 0, "majority 9/9 9/9|minority 0/9 0/9", "unknown: Linearizability was not decided")]
    [InlineData(3, null, 0, "majority 9/9 9/9|minority 0/9 0/9", "unknown: Linearizability was not tested")]
    [InlineData(3, KlVerdict.False, 0, "majority 9/9 9/9|minority 9/9 9/9", "AP: All sides answered reads and writes. The database was not linearizable.")]
    [InlineData(3, KlVerdict.False, 0, "majority 9/9 9/9|minority 9/9 0/9", "AP: All sides answered reads, but not all answered writes.")]
    [InlineData(2, KlVerdict.False, 0, "minority 9/9 9/9|minority 9/9 0/9", "AP: All sides answered reads, but not all answered writes.")]
    [InlineData(3, KlVerdict.True, 1, "majority 9/9 9/9|minority 0/9 9/9",
        "AP: All sides answered writes, but not all answered reads. Acknowledged writes were lost.")]
    [InlineData(3, KlVerdict.False, 0, "majority 9/9 9/9|minority 0/9 0/9",
        "neither: The database was not linearizable, and not all sides answered. majority: 9 of 9 reads and 9 of 9 writes answered. minority: 0 of 9")]
    [InlineData(3, KlVerdict.False, 0, "majority 9/9 9/9|minority 2/9 0/9", "neither: ")]
    public void The_place_in_CAP_is_no_more_than_was_measured(int members, KlVerdict? linearizable, int? lost, string sides, string place) =>
        Assert.StartsWith(place, CapPlace.Of(members, linearizable, lost, sides.Length > 0,
            [.. sides.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Side)]), StringComparison.Ordinal);

    // "TARGET PEER,PEER DIRECTION": from 10 to 20 seconds after the start.
    internal static KlFault Fault(string text)
    {
        var words = text.Split(' ');
        return new()
        {
            Id = "00000000",
            Kind = FaultKind.NetworkPartition,
            Target = words[0],
            Detail = new FaultRequest(FaultKind.NetworkPartition)
            {
                From = [.. words[1].Split(',').Select(name => new FaultTarget { Name = name })],
                Direction = words.Length > 2 ? Enum.Parse<FaultDirection>(words[2]) : null,
            }.Detail,
            Cluster = "one",
            Started = TestedDatabase.Started.AddSeconds(10),
            Ends = TestedDatabase.Started.AddSeconds(20),
            State = FaultState.Ended,
        };
    }

    private static RecordedOperation Read(string member, double start, double end) => new(DatabaseWorkload.Register, new()
    {
        Index = 0,
        Process = 0,
        Function = "read",
        Key = 1L,
        Start = (long)(start * 1e9),
        End = (long)(end * 1e9),
        Outcome = KlOutcome.Ok,
    }, member, IsRead: true, null, IsFinal: false);

    private static KlDatabaseTest Judge(int members, KlFault[] faults, params RecordedOperation[] operations) => DatabaseTestJudge.Judge(
        TestedDatabase.Of(members), TestedDatabase.Options, null, operations, faults,
        TestedDatabase.Started, TimeSpan.FromSeconds(30), [], CancellationToken.None);

    private static KlDatabaseAvailability Side(string text)
    {
        var words = text.Split(' ', '/');
        int Number(int index) => int.Parse(words[index], CultureInfo.InvariantCulture);
        return new() { Name = words[0], ReadsAnswered = Number(1), Reads = Number(2), WritesAnswered = Number(3), Writes = Number(4) };
    }
}
