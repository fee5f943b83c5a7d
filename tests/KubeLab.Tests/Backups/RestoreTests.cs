using System.Text.Json.Nodes;
using KubeLab.Engine.Backups;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Bootstrap;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Backups;

public sealed class RestoreTests : IAsyncLifetime, IDisposable
{
    private const string Upload = "bash ";
    private const string Volume = "bash volume.sh default database-data";
    private const string Remove = "rm -rf /var/lib/kubelab/restore";

    private readonly Folder _folder = new();
    private readonly FakeCluster _k = new();
    private readonly Machine _first = Machine("k-1", 1);
    private readonly Machine _second = Machine("k-2", 2);

    private string Backup => Path.Combine(_folder.Path, "backup");

    public async Task InitializeAsync()
    {
        await TestBackup.WriteAsync(Backup);
        foreach (var machine in new[] { _first, _second })
            _k.Installed(machine);
        _k.On("k-1", Upload);
        _k.On("k-1", Remove);
        _k.On("k-2", Volume);
        _k.On("k-1", "network");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _k.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_first_machine_continues_the_cluster()
    {
        var init = "";
        _k.On("k-1", "init", input =>
        {
            init = input;
            // The nodes of the snapshot, before the new kubelet has reported.
            _k.Nodes.AddRange([Node("k-1", 1), Node("k-2", 2), Node("k-3", 3)]);
            return new(0, "", "");
        });

        var cluster = await RestoreAsync();

        Assert.Equal(("k", "k-1"), (cluster.Name, cluster.ControlPlane.Name));
        Assert.Equal(["k-1", "k-2"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(["k-1"], _k.Nodes.Select(node => node.Name));
        Assert.Contains("RESTORE='/var/lib/kubelab/restore'\n", init, StringComparison.Ordinal);
        Assert.Contains("ENDPOINT='k.kubelab.internal:6443'\n", init, StringComparison.Ordinal);
        Assert.Contains("podSubnet: 10.244.0.0/16", init, StringComparison.Ordinal);
        Assert.Contains("serviceSubnet: 10.96.0.0/16", init, StringComparison.Ordinal);
        Assert.Contains("- DirAvailable--var-lib-etcd\n", init, StringComparison.Ordinal);
        Assert.Equal(["etcd.db", .. BackupContent.Authorities], TestBackup.Files(_k.Received[$"k-1 {Upload}"]).Keys);
        Assert.Equal("volumes/default/database-data.tar", System.Text.Encoding.UTF8.GetString(_k.Received[$"k-2 {Volume}"]));
        // The data of volumes must be there before a pod needs it.
        Assert.Equal([$"k-2 {Volume}", $"k-1 {Upload}", "k-1 facts", "k-2 facts", "k-1 init", "k-1 network", $"k-1 {Remove}"],
            _k.Ran.SkipWhile(one => !one.Contains("volume", StringComparison.Ordinal)));
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task The_keys_are_removed_from_the_machine_if_the_restore_fails()
    {
        _k.On("k-1", "init", _ => new(1, "::error RestoreFailed the snapshot of etcd could not be restored: x\n", ""));
        Assert.Equal("RestoreFailed", (await Assert.ThrowsAsync<KlException>(() => RestoreAsync())).ErrorId);
        Assert.Equal($"k-1 {Remove}", _k.Ran[^1]);
    }

    [Fact]
    public async Task Volumes_of_missing_machines_are_reported()
    {
        _k.On("k-1", "init", _ => new(1, "", ""));
        await Assert.ThrowsAsync<KlException>(() => RestoreAsync(_first));
        Assert.Equal(["k-2: it is not one of the machines, so these volumes were not restored: default/database-data"], _k.Heard.Of(LabEventKind.Warning));
    }

    [Fact]
    public async Task Existing_data_of_a_volume_is_kept_and_reported()
    {
        _k.On("k-2", Volume, _ => new(0, "/var/lib/kubelab/volumes-before-restore-x/default/database-data\n", ""));
        _k.On("k-1", "init", _ => new(1, "", ""));
        await Assert.ThrowsAsync<KlException>(() => RestoreAsync());
        Assert.EndsWith("had before was kept in /var/lib/kubelab/volumes-before-restore-x/default/database-data",
            Assert.Single(_k.Heard.Of(LabEventKind.Warning)), StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> Unsuitable => new()
    {
        { "MachineInUse", ["node.cluster=k", "node.role=worker", "node.state=done", "kubelet=1"] },
        { "MachineInUse", ["node.cluster=other", "node.role=worker", "node.state=joining"] },
        { "MachineInUse", ["kubelet=1"] },
        { "BackupVersionDiffers", ["kubeadm=v1.21.0"] },
    };

    [Theory]
    [MemberData(nameof(Unsuitable))]
    public async Task Unsuitable_machines_are_not_changed(string error, string[] facts)
    {
        _k.Installed(_second, facts);
        Assert.Equal(error, (await Assert.ThrowsAsync<KlException>(() => RestoreAsync())).ErrorId);
        Assert.All(_k.Ran, one => Assert.EndsWith(" facts", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interrupted_restore_is_continued()
    {
        _k.Installed(_first, "node.cluster=k", "node.role=control-plane", "node.state=started", "kubelet=1");
        _k.On("k-1", "init", _ =>
        {
            _k.Nodes.Add(Node("k-1", 1));
            return new(0, "", "");
        });
        Assert.Equal("k-1", (await RestoreAsync()).ControlPlane.Name);
    }

    [Fact]
    public async Task A_backup_of_another_cluster_needs_its_name()
    {
        var other = Machine("other-1", 1, "other");
        _k.Installed(other, "kubelet=1");
        Assert.Equal("BackupOfOtherCluster", (await Assert.ThrowsAsync<KlException>(() => RestoreAsync(other))).ErrorId);
        // It is checked further.
        Assert.Equal("MachineInUse", (await Assert.ThrowsAsync<KlException>(() => RestoreAsync(new RestoreOptions(Backup) { Name = "k" }, other))).ErrorId);
    }

    [Fact]
    public async Task A_running_cluster_is_not_restored()
    {
        _k.Nodes.Add(Node("k-1", 1));
        _k.Provider.Machines.Add(_first);
        _k.Contexts["k"] = new("https://" + _first.ApiEndpoint);
        Assert.Equal("ClusterRunning", (await Assert.ThrowsAsync<KlException>(() => RestoreAsync(_second))).ErrorId);
        Assert.Empty(_k.Ran);
    }

    [Fact]
    public async Task Machines_whose_network_overlaps_that_of_the_cluster_are_not_changed()
    {
        _k.Installed(_second, "networks=10.244.7.0/24 ");
        Assert.Equal("SubnetOverlaps", (await Assert.ThrowsAsync<KlException>(() => RestoreAsync())).ErrorId);
        Assert.All(_k.Ran, one => Assert.EndsWith(" facts", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nodes_of_the_backup_are_deleted_with_their_pods()
    {
        await using var api = await FakeApi.StartAsync();
        string[] deleted = ["nodes/k-2", "namespaces/a/pods/web", "namespaces/a/pods/gone", "namespaces/a/pods/alone"];
        string[] pods = [Pod("web", "k-2", "set"), Pod("gone", "k-2", "set"), Pod("alone", "k-2"), Pod("here", "k-1"), Pod("new", null)];
        api.On("GET /readyz", FakeApi.Json("ok"))
            .On("GET /api/v1/nodes", FakeApi.Json("""{"items":[{"metadata":{"name":"k-1"}},{"metadata":{"name":"k-2"}}]}"""))
            .On("GET /api/v1/pods", FakeApi.Json($$"""{"items":[{{string.Join(',', pods)}}]}"""));
        foreach (var one in deleted)
            api.On($"DELETE /api/v1/{one}", one.EndsWith("gone", StringComparison.Ordinal) ? FakeApi.Status(404, "NotFound", "gone") : FakeApi.Json("{}"));

        await new ClusterAccess(api.Session, (_, _, _, _, _) => throw new InvalidOperationException("unexpected drain")).Open(api.Open())
            .DeleteOtherNodesAsync("k-1", _k.Heard, default);

        Assert.Equal(deleted.Select(one => $"DELETE /api/v1/{one}").Order(),
            api.Seen.Where(one => one.StartsWith("DELETE", StringComparison.Ordinal)).Select(one => one.Split('?')[0]).Order());
        Assert.Equal(["lab: the pod a/alone was removed with its node, and no controller creates it again"], _k.Heard.Of(LabEventKind.Warning));

        static string Pod(string name, string? node, string? owner = null) => new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name, ["namespace"] = "a", ["uid"] = name,
                ["ownerReferences"] = owner is null ? null : new JsonArray(new JsonObject { ["uid"] = owner, ["controller"] = true }),
            },
            ["spec"] = new JsonObject { ["nodeName"] = node },
        }.ToJsonString();
    }

    private Task<KlCluster> RestoreAsync(params Machine[] machines) =>
        RestoreAsync(new RestoreOptions(Backup), machines.Length > 0 ? machines : [_second, _first]);

    private Task<KlCluster> RestoreAsync(RestoreOptions options, params Machine[] machines) =>
        new RestoreClient(_k.Kubeadm, new ClusterInventory([_k.Provider], _k, _k.Hosts, new QuickClock()), _k.Hosts)
            .RestoreAsync(machines, options, _k.Heard, _k.Failed, default);
}
