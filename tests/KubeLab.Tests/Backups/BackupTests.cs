using KubeLab.Engine.Backups;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Nodes;
using KubeLab.Tests.Pipeline;
using static KubeLab.Tests.Nodes.RemovalLab;

namespace KubeLab.Tests.Backups;

public sealed class BackupTests : IDisposable
{
    private const string ReadData = "tar --numeric-owner -C /var/lib/kubelab/volumes/default/database-data -cf - .";
    private const string Deployment = "/apis/apps/v1/namespaces/default/deployments/database";

    private static readonly string OnNode = Volume("database-data", "/var/lib/kubelab/volumes/default/database-data", "k-2");
    private static readonly string Elsewhere = Volume("logs", "/srv/logs", null);

    private readonly Folder _folder = new();

    private string Backups => Path.Combine(_folder.Path, "backups");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_snapshot_and_the_authorities_are_saved()
    {
        await using var lab = await StartAsync();
        lab.Volumes(OnNode, Elsewhere);

        var result = Backup(lab);

        var backup = Assert.Single(result.Good<KlBackup>());
        Assert.Equal(("lab", "1.20.2", false), (backup.Cluster, backup.Version, backup.IsEncrypted));
        Assert.Equal(["lab: the data of these volumes is not included: default/database-data, default/logs"], result.Warnings);
        Assert.Equal(["default/database-data", "default/logs"], backup.VolumesNotIncluded);
        Assert.Equal(new FileInfo(backup.Path).Length, backup.Size);
        Assert.Equal([backup.Path], Directory.EnumerateFileSystemEntries(Backups));
        var content = await BackupArchive.ReadAsync(backup.Path, Path.Combine(_folder.Path, "read"), null, default);
        Assert.Equal(("HostRoutes", "10.244.0.0/16", "10.96.0.0/16", "lab.kubelab.internal:6443"),
            (content.PodNetwork, content.PodSubnet, content.ServiceSubnet, content.Endpoint));
        Assert.Equal(TestBackup.Snapshot, await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "read", "etcd.db")));
    }

    [Fact]
    public async Task A_password_encrypts_the_file()
    {
        await using var lab = await StartAsync();
        lab.Volumes();
        var backup = Assert.Single(Backup(lab, "-Password ([Net.NetworkCredential]::new('', 'secret').SecurePassword)").Good<KlBackup>());
        Assert.True(backup.IsEncrypted);
        await BackupArchive.ReadAsync(backup.Path, Path.Combine(_folder.Path, "read"), "secret", default);
    }

    [Theory]
    [InlineData("the hash is wrong")]
    [InlineData("the hash is missing")]
    [InlineData("a file is missing")]
    [InlineData("there is another file")]
    public async Task An_incomplete_snapshot_is_not_a_backup(string problem)
    {
        await using var lab = await StartAsync();
        lab.Volumes();
        lab.Scripts.Sent["k-1 backup"] = problem switch
        {
            "the hash is wrong" => TestBackup.State([.. "changed"u8, .. TestBackup.Snapshot]),
            "the hash is missing" => TestBackup.State("short"u8.ToArray()),
            "a file is missing" => TestBackup.Tar(("etcd.db", TestBackup.Snapshot)),
            _ => TestBackup.Tar(("../../etcd.db", TestBackup.Snapshot)),
        };

        Assert.StartsWith("BackupFailed,", Assert.Single(Backup(lab).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Backups));
        Assert.Equal(["backups"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public async Task Errors_of_the_script_are_on_standard_error()
    {
        await using var lab = await StartAsync();
        lab.Volumes();
        lab.Scripts.Errors("k-1", "backup", "::error EtcdUnhealthy etcd is not healthy: timeout\n", 3);
        var error = Assert.Single(Backup(lab).Errors);
        Assert.StartsWith("EtcdUnhealthy,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("k-1: etcd is not healthy: timeout", error.ToString());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_created_is_an_error_before_anything_happens()
    {
        await using var lab = await StartAsync();
        await File.WriteAllTextAsync(Backups, "a file");
        Assert.StartsWith("BackupNotWritable,", Assert.Single(Backup(lab).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(lab.Scripts.Ran);
    }

    [Fact]
    public async Task Workloads_are_stopped_while_the_data_of_their_volumes_is_saved()
    {
        await using var lab = await StartAsync();
        lab.Scripts.Sent[$"k-2 {ReadData}"] = "data"u8.ToArray();
        Using(lab.Volumes(OnNode, Elsewhere), replicas: 2);
        lab.Scripts.On("k-2", ReadData, _ =>
        {
            Assert.Single(Patches(lab));
            return new CommandResult(0, "", "");
        });

        var backup = Assert.Single(Backup(lab, "-IncludeVolumes").Good<KlBackup>());

        Assert.Equal(["default/database-data"], backup.Volumes);
        Assert.Equal(["default/logs"], backup.VolumesNotIncluded);
        Assert.Equal(
            [
                """{"metadata":{"annotations":{"org.kubelab/replicas-before-backup":"2"}},"spec":{"replicas":0}}""",
                """{"metadata":{"annotations":{"org.kubelab/replicas-before-backup":null}},"spec":{"replicas":2}}""",
            ],
            Patches(lab));
        await BackupArchive.ReadAsync(backup.Path, Path.Combine(_folder.Path, "read"), null, default);
        Assert.Equal("data", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "read", "volumes", "default", "database-data.tar")));
    }

    [Fact]
    public async Task Workloads_start_again_if_the_data_cannot_be_read()
    {
        await using var lab = await StartAsync();
        Using(lab.Volumes(OnNode), replicas: 1);
        lab.Scripts.On("k-2", ReadData, _ => new CommandResult(2, "", "tar: .: Cannot open: Input/output error"));
        lab.Scripts.Sent[$"k-2 {ReadData}"] = [];

        var error = Assert.Single(Backup(lab, "-IncludeVolumes").Errors);

        Assert.Equal("The data of the volume default/database-data could not be read on k-2: tar: .: Cannot open: Input/output error", error.ToString());
        Assert.EndsWith("""{"replicas":1}}""", Patches(lab).Last(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Backups));
    }

    [Fact]
    public async Task The_next_backup_starts_what_a_killed_one_stopped()
    {
        await using var lab = await StartAsync();
        lab.Scripts.On("k-2", ReadData);
        lab.Scripts.Sent[$"k-2 {ReadData}"] = [];
        Using(lab.Volumes(OnNode), replicas: 0, ",\"annotations\":{\"org.kubelab/replicas-before-backup\":\"3\"}", hasPod: false);

        Assert.Single(Backup(lab, "-IncludeVolumes").Good<KlBackup>());

        Assert.EndsWith("""{"replicas":3}}""", Patches(lab).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_cannot_be_stopped_is_an_error_and_nothing_is_stopped()
    {
        await using var lab = await StartAsync();
        lab.Volumes(OnNode);
        lab.Api.On("GET /apis/apps/v1/replicasets", FakeApi.Json(List())).On("GET /apis/apps/v1/deployments", FakeApi.Json(List()))
            .On("GET /apis/apps/v1/statefulsets", FakeApi.Json(List())).On("GET /api/v1/pods", FakeApi.Json(List(Pod(""))));

        var error = Assert.Single(Backup(lab, "-IncludeVolumes").Errors);

        Assert.StartsWith("WorkloadNotStopped,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Patches(lab));
    }

    [Fact]
    public async Task WhatIf_saves_nothing()
    {
        await using var lab = await StartAsync();
        Assert.Contains(Backups, Backup(lab, "-IncludeVolumes -WhatIf").Screen, StringComparison.Ordinal);
        Assert.Empty(lab.Scripts.Ran);
        Assert.False(Directory.Exists(Backups));
    }

    private static async Task<RemovalLab> StartAsync()
    {
        var lab = await RemovalLab.StartAsync(2);
        lab.Joined("k-1", "node.role=control-plane", "node.podNetwork=HostRoutes", "node.podSubnet=10.244.0.0/16", "services=10.96.0.0/16",
            "node.endpoint=lab.kubelab.internal:6443");
        lab.Scripts.On("k-1", "backup");
        lab.Scripts.Sent["k-1 backup"] = TestBackup.State();
        return lab;
    }

    private ShellResult Backup(RemovalLab lab, string options = "") => lab.Run($"$cluster | Backup-KlCluster -Path '{Backups}' {options}", lab.Cluster);

    // The pod of a Deployment uses the volume until the Deployment has no replicas.
    private static void Using(RemovalLab lab, int replicas, string more = "", bool hasPod = true)
    {
        var pods = hasPod ? new[] { List(Pod(Owner("ReplicaSet", "set"))), List() } : [List(), List()];
        lab.Api.On("GET /apis/apps/v1/replicasets", FakeApi.Json(List($$$"""{"metadata":{"name":"database-1","uid":"set"{{{Owner("Deployment", "app")}}}}}""")))
            .On("GET /apis/apps/v1/deployments", FakeApi.Json(List(
                $$$"""{"metadata":{"name":"database","namespace":"default","uid":"app"{{{more}}}},"spec":{"replicas":{{{replicas}}}}}""")))
            .On("GET /apis/apps/v1/statefulsets", FakeApi.Json(List())).On("GET /api/v1/pods", [.. pods.Select(one => FakeApi.Json(one))])
            .On($"PATCH {Deployment}", FakeApi.Json("""{"metadata":{"name":"database"}}"""), FakeApi.Json("""{"metadata":{"name":"database"}}"""));
    }

    private static string[] Patches(RemovalLab lab) =>
        [.. lab.Api.Bodies.Select(body => body.Text).Where(text => text.Contains("replicas", StringComparison.Ordinal))];

    private static string Owner(string kind, string uid) =>
        $$"""
        ,"ownerReferences":[{"apiVersion":"apps/v1","kind":"{{kind}}","name":"x","uid":"{{uid}}","controller":true}]
        """;

    private static string Pod(string owner) => $$$"""
        {"metadata":{"name":"database-x","namespace":"default"{{{owner}}}},"status":{"phase":"Running"},
         "spec":{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"database-data"}}]}}
        """;

    private static string Volume(string claim, string path, string? node) => $$$"""
        {"metadata":{"name":"default.{{{claim}}}","annotations":{ {{{(node is null ? "" : $"\"org.kubelab/node\":\"{node}\"")}}} } },
         "spec":{"hostPath":{"path":"{{{path}}}"},"claimRef":{"namespace":"default","name":"{{{claim}}}"} } }
        """;
}
