using System.Globalization;
using System.Text.RegularExpressions;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;
using KubeLab.Tests.Reliability.Checkers.Linearizability;

namespace KubeLab.Tests.Lab;

/// <summary>Databases, and what their clients see while members fail.</summary>
/// <remarks>They have a cluster of their own, so that they run beside the tests of the demo.</remarks>
[Requires(0, From = 1, To = 11), Requires(1, From = 4, To = 4), Requires(1, From = 6, To = 6), Requires(5, From = 6, To = 6), Requires(1, From = 8, To = 10)]
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class DatabaseLabTests
{
    private const string Lab = $"{OfflineLab.Prefix}-databases";

    [Fact, Order(0)]
    public void A_cluster_with_a_registry_is_created() =>
        Assert.Equal(Lab, Invoke($"New-KlVm {Lab} -Count 4 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode | New-KlRegistry")
            .As<KlRegistry>().Single().Cluster.Name);

    [Fact, Order(1)]
    public async Task Databases_have_a_member_on_each_node_and_keep_their_password_secret()
    {
        // Those of the examples that have at most one member on a node, side by side.
        var created = Shell.Run("""
            @(
                'Etcd', 'MariaDB', 'Galera', 'Redis' | ForEach-Object { [pscustomobject]@{ Engine = $_; Replicas = 3 } }
                [pscustomobject]@{ Engine = 'PostgreSQL'; Replicas = 3; Mode = 'Synchronous' }
                [pscustomobject]@{ Engine = 'MariaDB'; Name = 'acid' }
                [pscustomobject]@{ Engine = 'PostgreSQL'; Name = 'acid-postgresql' }
            ) | New-KlDatabase -Verbose
            """);
        var databases = created.Good<KlDatabase>();

        Assert.Equal(
            [
                "acid-postgresql: PostgreSQL/Single 1/1", "acid: MariaDB/Single 1/1", "etcd: Etcd/Quorum 3/3", "galera: Galera/Quorum 3/3",
                "mariadb: MariaDB/Asynchronous 3/3", "postgresql: PostgreSQL/Synchronous 3/3", "redis: Redis/Asynchronous 3/3",
            ],
            databases.Select(one => $"{one.Name}: {one.Engine}/{one.Mode} {one.Ready}").Order(StringComparer.Ordinal));
        Assert.All(databases.Where(one => one.Members.Length == 3), one => Assert.Equal(3, one.Members.Select(member => member.Node).Distinct().Count()));
        Assert.Equal("1", await Oracle.AskAsync("get poddisruptionbudget etcd -o jsonpath={.spec.maxUnavailable}"));
        Assert.StartsWith("etcd-", databases.Single(one => one.Engine == DatabaseEngine.Etcd).Primary, StringComparison.Ordinal);
        var mariadb = databases.Single(one => one.Name == "mariadb");
        Assert.Equal(("mariadb-0", "replica", "mariadb-0"), (mariadb.Primary, mariadb.Members[1].Role, mariadb.Members[1].Follows));

        var password = await Oracle.AskAsync("get secret etcd-database -o go-template={{.data.password|base64decode}}");
        Assert.Equal(32, password.Length);
        Assert.DoesNotContain(password, await Oracle.AskAsync("get pods,statefulsets -o yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain(password, string.Join('\n', created.Verbose), StringComparison.Ordinal);

        var before = await Oracle.AskAsync("get pods,statefulsets -o jsonpath={.items[*].metadata.uid}{.items[*].metadata.generation}");
        Assert.Equal("etcd", Shell.Run("New-KlDatabase Etcd").Good<KlDatabase>().Single().Name);
        Assert.Equal(before, await Oracle.AskAsync("get pods,statefulsets -o jsonpath={.items[*].metadata.uid}{.items[*].metadata.generation}"));
        Assert.Equal("DatabaseNodesTooFew", Refused("New-KlDatabase Etcd -Replicas 5 -Name five", "needs 5 nodes"));
        Assert.Equal("DatabaseNameTaken", Refused("New-KlDatabase Etcd kubernetes", "Service default/kubernetes"));
        Assert.Equal("DatabaseNameTaken", Refused("New-KlDatabase Etcd mariadb", "MariaDB in the mode Asynchronous"));
        Assert.Equal("DatabaseMemberInvalid", Refused("Set-KlDatabase mariadb -Primary kubernetes-1", "not a ready member"));
    }

    [Fact, Order(2)]
    public void The_example_of_CAP_shows_what_each_database_gives_up_in_a_partition()
    {
        var run = RunExample("cap.ps1", OfflineLab.Results);
        Assert.Empty(run.Errors);
        var tests = run.Output.OfType<KlDatabaseTest>().ToDictionary(one => one.Engine);
        var report = File.ReadAllText(Path.Combine(OfflineLab.Results, "cap.html"));
        Assert.All(tests.Values, one => Assert.Contains($">{one.Name}</a>", report, StringComparison.Ordinal));

        var etcd = tests[DatabaseEngine.Etcd];
        Assert.True(etcd is { Linearizable: KlVerdict.True, Lost: 0, IsolationHeld: "strict-serializable" }, Text(etcd));
        Assert.True(etcd.Cap.StartsWith("CP: ", StringComparison.Ordinal), Text(etcd));
        var minority = Assert.Single(etcd.Sides, side => side.Name.StartsWith("minority", StringComparison.Ordinal));
        Assert.True(minority is { Writes: > 0, WritesAnswered: 0 }, Text(etcd));

        // What Jepsen reported of Galera is looked for. It need not happen in this time.
        var galera = tests[DatabaseEngine.Galera];
        Assert.True(galera.Acknowledged > 0 && galera.Faults.Length == 1, Text(galera));
        Assert.All(galera.Sides.Where(side => side.Name.StartsWith("minority", StringComparison.Ordinal)),
            side => Assert.True(side.WriteShare < 0.05, Text(galera)));

        var redis = tests[DatabaseEngine.Redis];
        Assert.True(redis.Lost > 0 && redis.Cap.StartsWith("AP: ", StringComparison.Ordinal), Text(redis));

        var mariadb = tests[DatabaseEngine.MariaDB];
        Assert.True(mariadb is { Linearizable: KlVerdict.False, Lost: 0 } && mariadb.StalestRead > TimeSpan.FromSeconds(1), Text(mariadb));
        Assert.True(mariadb.Cap.StartsWith("AP: ", StringComparison.Ordinal), Text(mariadb));
        // Trying all orders of more operations takes too long.
        Assert.All(mariadb.Workloads.Single(one => one.Model == "CasRegister").Anomalies.Where(one => one.Operations.Length <= 12), IsConfirmed);
    }

    [Fact, Order(3)]
    public void The_example_of_replication_loses_acknowledged_writes_and_tells_how_many()
    {
        using var folder = new Folder();
        var run = RunExample("replication.ps1");

        Assert.Empty(run.Errors);
        var (test, synchronous) = run.Output.OfType<KlDatabaseTest>().ToArray() is [var first, var second] ? (first, second) : default;
        Assert.True(test is { Lost: > 0 } && test!.StalestRead > TimeSpan.FromSeconds(1), Text(test));
        Assert.Contains(run.Warnings, warning => warning.Contains("transactions that only mariadb-0 had were discarded", StringComparison.Ordinal));
        // While the replicas cannot be reached, their primary answers reads, and compare-and-sets that find another value, but acknowledges no write.
        Assert.True(synchronous is { Engine: DatabaseEngine.PostgreSQL, Mode: DatabaseMode.Synchronous, Lost: 0, Acknowledged: > 0 }, Text(synchronous!));
        Assert.True(synchronous.Sides.Single(side => side.Name.StartsWith("minority", StringComparison.Ordinal))
            is { ReadsAnswered: > 0, Writes: > 0, WriteShare: < 0.75 }, Text(synchronous));
        // A planned change loses nothing.
        var planned = Shell.Run("""
            Get-KlDatabase mariadb | Test-KlConsistency -Workload Set -Duration 10 -SaveHistory $folder -During { Set-KlDatabase mariadb -Primary mariadb-0 }
            """, variables: new Dictionary<string, object?> { ["folder"] = folder.Path }).Good<KlDatabaseTest>().Single();
        Assert.True(planned is { Lost: 0, Acknowledged: > 0 }, Text(planned));
        Assert.Equal("mariadb-0", Shell.Run("(Get-KlDatabase mariadb).Primary").As<string>().Single());
        var again = Shell.Run("Test-KlConsistency -History $file -Model Set", variables: new Dictionary<string, object?>
        {
            ["file"] = planned.SavedHistories.Single(),
        }).Good<KlConsistency>().Single();
        Assert.Equal((planned.Workloads[0].Operations, planned.Workloads[0].Consistent), (again.Operations, again.Consistent));
    }

    // With the modes that no example uses.
    [Fact, Order(4)]
    public void A_planned_change_of_the_primary_loses_nothing_in_any_mode()
    {
        var created = Shell.Run("""
            @(
                [pscustomobject]@{ Engine = 'MariaDB'; Name = 'semi'; Mode = 'SemiSynchronous'; Replicas = 2 }
                [pscustomobject]@{ Engine = 'PostgreSQL'; Name = 'asynchronous'; Mode = 'Asynchronous'; Replicas = 2 }
                [pscustomobject]@{ Engine = 'Redis'; Name = 'single' }
            ) | New-KlDatabase
            """).Good<KlDatabase>();
        Assert.Equal(["asynchronous: PostgreSQL/Asynchronous 2/2", "semi: MariaDB/SemiSynchronous 2/2", "single: Redis/Single 1/1"],
            created.Select(one => $"{one.Name}: {one.Engine}/{one.Mode} {one.Ready}").Order(StringComparer.Ordinal));

        var planned = Shell.Run("""
            Get-KlDatabase redis, semi, asynchronous | Test-KlConsistency -Workload Set -Duration 8 -During {
                Set-KlDatabase $_.Name -Primary @($_.Members).Where({ -not $_.IsPrimary })[0].Name
            }
            """).Good<KlDatabaseTest>();
        Assert.Equal(3, planned.Count);
        Assert.All(planned, one => Assert.True(one is { Lost: 0, Acknowledged: > 0 }, Text(one)));
        // The new primary waits for its replica too.
        var semi = Shell.Run("Get-KlDatabase semi").Good<KlDatabase>().Single();
        Assert.Equal(("semi-1", "semi-synchronous"), (semi.Primary, semi.Members[1].State));

        var single = Shell.Run("Get-KlDatabase single | Test-KlConsistency -Workload Register, Set -Duration 5").Good<KlDatabaseTest>().Single();
        Assert.True(single is { Linearizable: KlVerdict.True, Lost: 0, Acknowledged: > 0 }, Text(single));
        Invoke("Get-KlDatabase semi, asynchronous, single | Remove-KlDatabase");
    }

    [Fact, Order(5)]
    public void The_example_of_ACID_shows_isolation_levels_and_durability()
    {
        var (serializable, committed, durable, postgresql) =
            Example("acid.ps1") is [var first, var second, var third, var fourth] ? (first, second, third, fourth) : default;

        Assert.All(serializable!.Workloads, one => Assert.True(one.Consistent == KlVerdict.True, Text(serializable)));
        Assert.All(postgresql!.Workloads, one => Assert.True(one.Consistent == KlVerdict.True, Text(postgresql)));
        var weak = (KlIsolation)committed!.Workloads.Single(one => one.Model == "ListAppend").Details!;
        Assert.True(weak is { Verdict: KlVerdict.True, Anomalies.Length: > 0 }, Text(committed));
        Assert.Contains("repeatable-read", weak.RuledOut);
        Assert.True(durable is { Linearizable: KlVerdict.True, Lost: 0, Acknowledged: > 0 } && durable.Cap.StartsWith("CA: ", StringComparison.Ordinal)
            && durable.Faults is [{ Kind: FaultKind.ContainerKill }], Text(durable!));
    }

    [Fact, Order(6)]
    public async Task A_database_has_its_data_after_a_drain_and_after_failures()
    {
        string[] command = ["exec", "acid-0", "--", "mariadb", "--socket=/run/mysqld/mysqld.sock", "--user=root", "-Ne"];
        await Oracle.AskAsync([.. command, "CREATE TABLE kubelab.kept (id INT PRIMARY KEY); INSERT INTO kubelab.kept VALUES (42)"]);

        var node = Shell.Run("(Get-KlDatabase acid).Members[0].Node").As<string>().Single();
        // Of a database with several members on the node, the disruption budget permits to evict one.
        Invoke($"""
            Remove-KlDatabase shards
            Suspend-KlNode {node} -Force
            Resume-KlNode {node}
            $null = 'Etcd', 'MariaDB', 'Galera', 'Redis' | New-KlDatabase -Replicas 3
            $null = New-KlDatabase MariaDB acid
            """);
        Assert.Equal("42", await KeptAsync());

        var password = await Oracle.AskAsync("get secret acid-database -o jsonpath={.data.password}");
        await Oracle.AskAsync("""patch secret acid-database -p {"data":{"password":"b3RoZXI="}}""");
        Assert.Equal("DatabaseLoginRejected", Refused("Get-KlDatabase acid | Test-KlConsistency", "secret acid-database"));
        await Oracle.AskAsync($$$"""patch secret acid-database -p {"data":{"password":"{{{password}}}"}}""");

        Invoke("Remove-KlDatabase acid; Remove-KlDatabase acid");
        Assert.Equal("", await Oracle.AskAsync("get pods,services,configmaps,poddisruptionbudgets,statefulsets -l app.kubernetes.io/name=acid -o name"));
        Assert.Equal("DatabaseDataOther", Refused("New-KlDatabase Etcd acid", "contain the data of MariaDB"));

        // A member that does not become ready, until the cause is removed.
        var path = await Oracle.AskAsync("get pv default.data-acid-0 -o jsonpath={.spec.hostPath.path}");
        Invoke($"$null = Get-KlVm {node} | Invoke-KlVmCommand 'rm {path}/lock && mkdir {path}/lock'");
        Assert.Equal("DatabaseFailed", Refused("New-KlDatabase MariaDB acid", "/data/lock: Is a directory"));
        Invoke($"$null = Get-KlVm {node} | Invoke-KlVmCommand 'rmdir {path}/lock'; $null = New-KlDatabase MariaDB acid");
        Assert.Equal("42", await KeptAsync());

        async Task<string> KeptAsync() => (await Oracle.AskAsync([.. command, "SELECT id FROM kubelab.kept"])).Trim();
    }

    [Fact, Order(7)]
    public void The_example_of_sharding_divides_the_keys_and_moves_slots_to_a_new_shard_under_load()
    {
        var (divided, down, moved) = Example("sharding.ps1") is [var first, var second, var third] ? (first, second, third) : default;

        Assert.True(divided is { Acknowledged: > 0, Lost: not null } && divided.Sides.Any(side => side.WritesAnswered > 0), Text(divided!));
        // A client that waits for the shard that is down sends nothing else. On a busy machine, the other shards miss the time limit now and then.
        // The replica is paused and continues a moment apart from its primary. So it may become the primary without the last writes.
        Assert.True(down!.Shards is [{ WriteShare: < 0.95 } paused, .. var others] && others.Length >= 2 && down.Lost is not null
            && others.All(one => 1 - paused.WriteShare > 2 * (1 - one.WriteShare)), Text(down));
        Assert.True(moved is { Acknowledged: > 0, Lost: 0, Linearizable: KlVerdict.True }, Text(moved!));
        var database = Shell.Run("Get-KlDatabase shards").Good<KlDatabase>().Single();
        Assert.Equal("8/8", database.Ready);
        var shards = database.Shards;
        Assert.Equal([4096, 4096, 4096, 4096], shards.Select(shard => shard.SlotCount));
        Assert.All(shards, shard => Assert.Single(shard.Replicas));
        // The keys of the tests are removed, also from the new shard.
        Assert.All(shards, shard => Assert.Equal(0, shard.Keys));
    }

    [Fact, Order(8)]
    public void Etcd_is_linearizable_while_its_leader_is_killed()
    {
        var test = Shell.Run("""
            Get-KlDatabase etcd | Test-KlConsistency -Duration 12 -During { Get-KlPod $_.Primary | Start-KlFault ContainerKill -Wait }
            """).Good<KlDatabaseTest>().Single();

        Assert.True(test is { Linearizable: KlVerdict.True, IsolationHeld: "strict-serializable", Lost: 0, Acknowledged: > 0 }
            && test.Faults is [{ Kind: FaultKind.ContainerKill }], Text(test));
    }

    [Fact, Order(9)]
    public void Ctrl_C_ends_a_test_and_tells_what_was_found_until_then()
    {
        var keys = Keys();
        var run = Shell.Run("Get-KlDatabase etcd | Test-KlConsistency -Workload Register -Duration 3600",
            meanwhile: shell => Shell.StopAtAsync(shell, HasOperations));

        Assert.Empty(run.Output);
        Assert.Contains("Until then: etcd Register is consistent with the model CasRegister.", Assert.Single(run.Warnings), StringComparison.Ordinal);
        Assert.Equal(keys, Keys());
        Assert.Empty(Shell.Run("Get-KlPortForward").Good<object>());

        static long?[] Keys() => [.. Shell.Run("(Get-KlDatabase etcd).Members").Good<KlDatabaseMember>().Select(member => member.Keys)];
        static bool HasOperations(string message) =>
            Regex.Match(message, "([0-9]+) operations").Groups[1].Value is { Length: > 1 } count && int.Parse(count, CultureInfo.InvariantCulture) > 50;
    }

    // The anomalies need not happen in this time.
    [Fact, Order(10)]
    public void What_Jepsen_reported_of_Galera_is_looked_for_until_it_is_found_or_a_minute_is_over()
    {
        KlDatabaseTest test;
        var rounds = 0;
        do
            test = Shell.Run("""
                Get-KlDatabase galera | Test-KlConsistency -Workload Register, ListAppend -Isolation snapshot-isolation -Duration 15 -Rate 20 |
                    Export-KlReport $report -PassThru
                """, variables: new Dictionary<string, object?> { ["report"] = Path.Combine(OfflineLab.Results, "galera.html") })
                .Good<KlDatabaseTest>().Single();
        while (++rounds < 4 && test.Workloads.All(one => one.Anomalies.Length == 0));

        Assert.True(test.Workloads.All(one => one.Ok > 0), Text(test));
        Assert.All(test.Workloads.Single(one => one.Model == "CasRegister").Anomalies.Where(one => one.Operations.Length <= 12), IsConfirmed);
    }

    [Fact, Order(11)]
    public async Task A_removed_lab_leaves_no_volume_of_its_databases()
    {
        var volumes = await OfflineLab.VolumesAsync($"label=org.kubelab.lab={Lab}");
        Assert.NotEmpty(volumes);
        Invoke($"Get-KlVm {Lab} | Remove-KlVm -Confirm:$false");
        Assert.Empty(volumes.Intersect(await OfflineLab.DockerAsync("volume", "ls", "-q")));
    }

    private static List<KlDatabaseTest> Example(string file)
    {
        var run = RunExample(file);
        Assert.Empty(run.Errors);
        return [.. run.Output.OfType<KlDatabaseTest>()];
    }

    private static ShellResult RunExample(string file, string? folder = null) => Shell.Run(
        "[void]$ExecutionContext.SessionState.Path.SetLocation($folder); & $file", variables: new Dictionary<string, object?>
        {
            ["folder"] = folder ?? Repository.Root, ["file"] = Path.Combine(Repository.Root, "examples", file),
        });

    private static string Text(KlDatabaseTest test) => string.Join('\n',
    [
        $"{test.Name}: linearizable {test.Linearizable}, {test.IsolationHeld}, lost {test.Lost} of {test.Acknowledged}, stale {test.StalestRead}, {test.Cap}",
        .. test.Availability.Concat(test.Sides).Concat(test.Shards).Select(one => $"{one}"),
        .. test.Workloads.SelectMany(one => one.Anomalies).Select(one => $"{one}"),
    ]);

    // The operations of a counterexample alone are not linearizable either.
    private static void IsConfirmed(KlAnomaly anomaly) =>
        Assert.False(BruteForce.IsLinearizable(anomaly.Operations), $"{anomaly}");
}
