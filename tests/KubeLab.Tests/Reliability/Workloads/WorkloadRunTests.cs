using KubeLab.Engine.Databases.Clients;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Tests.Flow;

namespace KubeLab.Tests.Reliability.Workloads;

public sealed class WorkloadRunTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_database_that_is_linearizable_passes_every_workload(bool answers)
    {
        var (test, recorded) = await RunAsync(answers ? Flaw.None : Flaw.DoesNotAnswer, Enum.GetValues<DatabaseWorkload>());

        Assert.Equal(Enum.GetValues<DatabaseWorkload>().Length, test.Workloads.Length);
        Assert.All(test.Workloads, workload =>
            Assert.True(workload.Consistent == KlVerdict.True, $"{workload.Model}: {workload.Reason} {workload.Anomalies.FirstOrDefault()}"));
        Assert.Equal((KlVerdict.True, "strict-serializable", 0, null), (test.Linearizable, test.IsolationHeld, test.Lost, test.StalestRead));
        Assert.Equal(!answers, test.Workloads.Sum(workload => workload.Unknown) > 0);
        // A client has one operation at a time, and none after an unknown outcome.
        Assert.All(recorded.GroupBy(one => (one.Workload, one.Operation.Process), one => one.Operation), process =>
            Assert.All(process.Zip(process.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start)));
    }

    [Fact]
    public async Task Replicas_that_are_behind_are_not_linearizable()
    {
        var (test, _) = await RunAsync(Flaw.StaleReplicas, DatabaseWorkload.Register, DatabaseWorkload.Set);

        Assert.Equal(KlVerdict.False, test.Linearizable);
        Assert.True(test.StalestRead > TimeSpan.Zero);
        Assert.Equal([0, 0, test.Acknowledged, test.Acknowledged], new[] { test.Lost, test.Missing["db-0"], test.Missing["db-1"], test.Missing["db-2"] });
    }

    [Fact]
    public async Task Acknowledged_writes_that_are_not_stored_are_lost()
    {
        var (test, _) = await RunAsync(Flaw.LosesWrites, DatabaseWorkload.Set);

        Assert.True(test.Lost > 0);
        Assert.All(test.Missing.Values, missing => Assert.Equal(test.Lost, missing));
        Assert.Equal(KlVerdict.False, Assert.Single(test.Workloads).Consistent);
    }

    [Fact]
    public async Task A_database_without_a_writable_member_is_not_tested()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => RunAsync(Flaw.ReadOnly, DatabaseWorkload.Set));

        Assert.Equal(ErrorIds.DatabaseNotWritable, error.ErrorId);
        Assert.Contains("db-0 (ReadOnly), db-1 (ReadOnly), db-2 (ReadOnly)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_password_is_reported_at_once()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => RunAsync(Flaw.RejectsLogins, DatabaseWorkload.Set));

        Assert.Equal(ErrorIds.DatabaseLoginRejected, error.ErrorId);
    }

    private static async Task<(KlDatabaseTest Test, IReadOnlyCollection<RecordedOperation> Recorded)> RunAsync(Flaw flaw, params DatabaseWorkload[] workloads)
    {
        await using var simulated = new SimulatedDatabase(flaw);
        var database = TestedDatabase.Of(3);
        var options = new DatabaseTestOptions
        {
            Duration = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1), Recovery = TimeSpan.FromSeconds(1),
            Check = new() { Limits = new() { Clock = TimeProvider.System } },
        };
        var run = new WorkloadRun("db", [.. database.Members.Select(member => member.Name)], workloads, simulated, options, new(1), new QuickClock());
        await run.CreateAsync(CancellationToken.None);
        await run.RunAsync(() => simulated.IsEnough, new Progress<LabEvent>(), CancellationToken.None);
        return (DatabaseTestJudge.Judge(
            database, options, null, run.Recorded, [], TestedDatabase.Started, run.Duration, [], CancellationToken.None), run.Recorded);
    }
}
