using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Tests.Reliability.Workloads;

namespace KubeLab.Tests.Reliability;

/// <summary>A test of 25 s of a database with three members, of which db-0 is separated from the others from 10 s to 20 s.</summary>
internal static class SampleDatabaseTest
{
    private const long Millisecond = 1_000_000;

    /// <summary>A stale read, a lost write, a lost update, and a minority that answers no writes.</summary>
    public static KlDatabaseTest Create(string name = "db") => Judge(name,
    [
        .. Operations(DatabaseWorkload.Register, "1 2000-2020 write:x=1|2 2030-2250 write:x=2|0 12000-12004 read:x=1|0 12500-13500? write:x=3"),
        .. Operations(DatabaseWorkload.Register, "1 2400-2500? write:y=7|2 3000-3010 read:y=7|0 3020-3030 read:y=nil"),
        .. Operations(DatabaseWorkload.Set, "0 1000-1010 add=1|1 2000-2010 add=2|2 3000-3010 add=3|0 11000-12000? add=4"),
        .. Operations(DatabaseWorkload.Set, "0 26000-26010 read=[1 3]|1 26000-26010 read=[1]|2 26000-26010 read=[1]", isFinal: true),
        Transaction(0, 4000, Read(null), Append(1)), Transaction(1, 4001, Read(null), Append(2)), Transaction(2, 4100, Read([1L, 2L])),
    ]);

    /// <summary>A test that found nothing.</summary>
    public static KlDatabaseTest Healthy() => Judge("db",
    [
        .. Operations(DatabaseWorkload.Set, "0 1000-1010 add=1"),
        .. Operations(DatabaseWorkload.Set, "0 26000-26010 read=[1]|1 26000-26010 read=[1]|2 26000-26010 read=[1]", isFinal: true),
    ]);

    /// <summary>A test without an answer.</summary>
    public static KlDatabaseTest Unknown() => Judge("db",
        [.. Operations(DatabaseWorkload.Set, "0 1000-1010? add=1"), .. Operations(DatabaseWorkload.Set, "0 26000-26010! read=nil", isFinal: true)]);

    private static KlDatabaseTest Judge(string name, RecordedOperation[] operations) => DatabaseTestJudge.Judge(
        TestedDatabase.Of(3) with { Name = name }, TestedDatabase.Options, null, operations, [PartitionTests.Fault("default/db-0 default/db-1,default/db-2")],
        TestedDatabase.Started, TimeSpan.FromSeconds(25), [], CancellationToken.None);

    // The times of the text are milliseconds.
    private static IEnumerable<RecordedOperation> Operations(DatabaseWorkload workload, string text, bool isFinal = false) =>
        TestedDatabase.Operations(workload, text).Select(one => one with
        {
            Operation = one.Operation with { Start = one.Operation.Start * Millisecond, End = one.Operation.End * Millisecond },
            IsFinal = isFinal,
        });

    private static RecordedOperation Transaction(int process, long start, params object?[][] steps) => new(DatabaseWorkload.ListAppend, new()
    {
        Index = 0,
        Process = process,
        Function = "txn",
        Value = steps.Select(step => (object?)(step[0] is "r" ? ["r", step[1], null] : step)).ToArray(),
        Result = steps,
        Start = start * Millisecond,
        End = (start + 10) * Millisecond,
        Outcome = KlOutcome.Ok,
    }, $"db-{process}", IsRead: steps.Length == 1, null, IsFinal: false);

    private static object?[] Read(object?[]? list) => ["r", "y", list];

    private static object?[] Append(long element) => ["append", "y", element];
}
