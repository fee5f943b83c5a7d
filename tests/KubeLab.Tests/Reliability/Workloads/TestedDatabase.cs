using k8s.Models;
using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Tests.Reliability.Checkers.Models;

namespace KubeLab.Tests.Reliability.Workloads;

/// <summary>A database db in the namespace default, and operations of its tests as text.</summary>
internal static class TestedDatabase
{
    public static readonly DateTimeOffset Started = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static KlDatabase Of(int members) => new()
    {
        Name = "db",
        Namespace = "default",
        Cluster = "one",
        Engine = DatabaseEngine.MariaDB,
        Mode = DatabaseMode.Asynchronous,
        Ready = $"{members}/{members}",
        Members = [.. Enumerable.Range(0, members).Select(index => new KlDatabaseMember { Name = $"db-{index}", IsReady = true })],
        Port = 3306,
        Secret = "db/password",
        Object = new V1StatefulSet(),
    };

    /// <summary>The default options.</summary>
    public static DatabaseTestOptions Options { get; } = new() { Check = new() { Limits = new() { Clock = TimeProvider.System } } };

    /// <summary>Operations as OperationText has them. The process is the member; a read is a final one if it starts at 1000 or later.</summary>
    public static RecordedOperation[] Operations(DatabaseWorkload workload, string text) => [.. OperationText.Parse(text).Select(one =>
        new RecordedOperation(workload, one, $"db-{one.Process}", one.Function == "read", one.Outcome == KlOutcome.Ok ? null : DatabaseException.TimedOut,
            one.Function == "read" && one.Start >= 1000))];

    public static KlDatabaseTest Judge(int members, params RecordedOperation[] operations) => DatabaseTestJudge.Judge(
        Of(members), Options, null, operations, [], Started, TimeSpan.FromSeconds(2), [], CancellationToken.None);
}
