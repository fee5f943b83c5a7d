using System.Management.Automation;
using System.Net;
using KubeLab.Engine;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Machines become a cluster, are interrupted, carry on, and go again.</summary>
/// <remarks>What becomes of a machine once it is made is told by its record alone. So these are containers, entered as cloud-init would have left
/// servers of a cloud, and no provider is there to be asked until the cluster stands. They run Debian 13; those of the other tests run Debian 12.</remarks>
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class ClusterLabTests
{
    private const string Lab = OfflineLab.Mark;
    private const string Made = $"New-KlVm -Name {Lab} -Count 2 -Image debian:13";
    private const string Pipeline = "Install-KlKubeadm | Initialize-KlCluster | Join-KlNode";

    [Fact, Chapter(0)]
    public async Task Machines_of_a_cloud_have_a_login_with_sudo_and_no_way_in_for_root()
    {
        var image = await OfflineLab.RunAsync("tests/Lab/lab.sh", "debian", "13");
        Assert.True(image.ExitCode == 0, image.StandardError);
        Shell.Run($$"""
            {{Made}} | Invoke-KlVmCommand "
                useradd --create-home --shell /bin/bash --password '*' {{CloudInit.User}}
                echo '{{CloudInit.User}} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
                cp -r /root/.ssh /home/{{CloudInit.User}}/ && chown -R {{CloudInit.User}}: /home/{{CloudInit.User}}/.ssh
                echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh"
            """).Good<object>();
    }

    [Fact, Chapter(1)]
    public async Task Interrupted_at_any_stage_it_ends_without_a_result_or_an_error()
    {
        // In the middle of dpkg's, kubeadm init's and kubeadm join's work, by what these say.
        foreach (var sign in new[] { "Unpacking kubelet", "[control-plane] Creating static Pod manifest", "Reading configuration from the cluster" })
        {
            var result = await FromRecordsAsync(shell => Shell.StopAtAsync(shell, sign));
            Assert.Contains(result.Debug, line => line.Contains(sign, StringComparison.Ordinal));
            Assert.Empty(result.Output);
            Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        }
    }

    [Fact, Chapter(2)]
    public async Task The_same_pipeline_completes_it_and_asks_no_provider()
    {
        var cluster = (await FromRecordsAsync()).Good<KlCluster>().Single();
        Assert.Equal((Lab, $"{Lab}-1", 2), (cluster.Name, cluster.ControlPlane.Name, cluster.ReadyNodes));
        Assert.Equal(Records().Single(one => one.Name == $"{Lab}-1").ApiEndpoint, cluster.Server.Authority);
    }

    [Fact, Chapter(3)]
    public async Task Run_again_it_changes_nothing()
    {
        foreach (var machine in Records())
            await OfflineLab.DockerAsync("exec", machine.Name, "bash", "-c", "rm /etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh");
        var result = Shell.Run($"{Made} | {Pipeline}");
        Assert.Single(result.Good<KlCluster>());
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
    }

    [Fact, Chapter(4)]
    public void A_new_session_finds_it() =>
        Assert.Equal(2, Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single().ReadyNodes);

    [Fact, Chapter(4)]
    public void Its_machines_and_nodes_run_the_image_that_was_asked_for()
    {
        Assert.All(Shell.Run($"Get-KlVm {Lab}").Good<Machine>(), one => Assert.Equal("debian:13", one.Image));
        Assert.All(Shell.Run($"(Get-KlNode -Cluster {Lab}).OsImage").Good<string>(), one => Assert.Contains("trixie", one, StringComparison.Ordinal));
    }

    [Fact, Chapter(5)]
    public async Task Pods_and_services_answer_on_a_machine_that_was_restarted()
    {
        await OfflineLab.DockerAsync("restart", $"{Lab}-2");
        var cluster = Shell.Run($"{Made} | {Pipeline}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        var answer = Shell.Run($"""
            Get-KlVm {Lab}-1 | Invoke-KlVmCommand 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system wait --for=condition=Ready --timeout=120s pod -l k8s-app=kube-dns'
            Get-KlVm {Lab}-2 | Invoke-KlVmCommand 'curl -s --retry 30 --retry-delay 1 --retry-all-errors http://10.96.0.10:9153/metrics -o /dev/null && curl -sk https://10.96.0.1/healthz'
            """);
        Assert.Empty(answer.Errors.Select(error => error.ToString()));
    }

    [Fact, Chapter(6)]
    public void A_worker_leaves_and_the_rest_stays()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab}-2 -Confirm:$false").Errors.Select(error => error.ToString()));
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(1, cluster.ReadyNodes);
        Assert.Single(cluster.Machines);
    }

    [Fact, Chapter(100)]
    public void Removed_it_leaves_no_context()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab} -Confirm:$false").Errors.Select(error => error.ToString()));
        Assert.Empty(Shell.Run($"Get-KlCluster {Lab}*; Get-KlVm {Lab}*").Good<object>());
    }

    private static IReadOnlyList<Machine> Records() => [.. Shell.Run($"Get-KlVm {Lab} -Provider Docker").Good<Machine>().Select(one => new Machine
    {
        Name = one.Name, Lab = one.Lab, Provider = OpenStackProvider.ProviderName, Id = Guid.NewGuid().ToString(), State = "Running",
        Address = one.Address, PublicAddress = IPAddress.Loopback, ApiEndpoint = one.ApiEndpoint, Ssh = one.Ssh with { User = CloudInit.User },
        Cloud = "nowhere", Flavor = "m1.small", Image = "Debian 12", Created = one.Created, IsContainer = one.IsContainer,
    })];

    private static async Task<ShellResult> FromRecordsAsync(Func<PowerShell, Task>? meanwhile = null)
    {
        await using var hosts = new SshHostPool(TimeProvider.System);
        return Shell.Run($"$vm | {Pipeline}", new LabEngine(hosts, [], TimeProvider.System), new Dictionary<string, object?> { ["vm"] = Records() }, meanwhile);
    }
}
